"""A Sigstore of one's own, made while the tests run: a certificate authority, a log of certificates, and a transparency log.

What it issues is what Fulcio and Rekor issue, byte by byte as far as a verifier looks: certificates with a signed certificate timestamp,
entries with a signed entry timestamp, and a proof of inclusion under a signed checkpoint.
"""

import datetime
import hashlib
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.any_server import Answer, AnyServer, Request, any_server
from tests.flux.signed_artifacts import IN_TOTO, b64, bundle, envelope, pae, statement

ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "https://github.com/fluxcd/flux2/.github/workflows/release.yaml@refs/tags/v2.9.4"
SIGNED_AT = datetime.datetime(2026, 5, 4, 12, 0, 5, tzinfo=datetime.UTC)
"""Long ago: the certificates are valid for ten minutes around it, as Fulcio's are."""
_MINUTE = datetime.timedelta(minutes=1)
_YEARS = datetime.timedelta(days=2000)
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_FULCIO_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_CHECKPOINT = "log.test.example - 1"


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _signed(key: ec.EllipticCurvePrivateKey, content: bytes) -> bytes:
    return key.sign(content, ec.ECDSA(SHA256()))


def _der(tag: int, content: bytes) -> bytes:
    length = bytes([len(content)]) if len(content) < 128 else b"\x82" + struct.pack("!H", len(content))
    return bytes([tag]) + length + content


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Somebody with a certificate that is valid for ten minutes."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()


class PrivateSigstore:
    """`log_address`: where its transparency log answers."""

    def __init__(self, log_address: str = "https://log.test.example") -> None:
        self.log_address = log_address
        self.authority, self.certificate_log, self.log = _key(), _key(), _key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a certificate authority of a test")])
        self.root = (
            x509.CertificateBuilder(name, name, self.authority.public_key(), x509.random_serial_number())
            .not_valid_before(SIGNED_AT - _YEARS)
            .not_valid_after(SIGNED_AT + _YEARS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.authority.public_key()), critical=False)
            .sign(self.authority, SHA256())
        )
        self.entries: dict[int, dict[str, Any]] = {}

    def trusted_root(self, file: Path) -> Path:
        """What `cosign trusted-root create` would write of it."""
        since = {"start": (SIGNED_AT - _YEARS).isoformat().replace("+00:00", "Z")}

        def log(key: ec.EllipticCurvePrivateKey, address: str) -> dict[str, Any]:
            public = {"rawBytes": b64(_spki(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": since}
            key_id = b64(hashlib.sha256(_spki(key)).digest())
            return {"baseUrl": address, "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": {"keyId": key_id}}

        authority = {
            "subject": {"organization": "a test", "commonName": "a certificate authority of a test"},
            "uri": "https://authority.test.example",
            "certChain": {"certificates": [{"rawBytes": b64(self.root.public_bytes(Encoding.DER))}]},
            "validFor": since,
        }
        root = {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self.log, self.log_address)],
            "certificateAuthorities": [authority],
            "ctlogs": [log(self.certificate_log, "https://certificates.test.example")],
            "timestampAuthorities": [],
        }
        file.write_text(json.dumps(root))
        return file

    def signer(self, subject: str = SUBJECT, issuer: str = ISSUER, *, certificate_log: ec.EllipticCurvePrivateKey | None = None) -> Signer:
        """Somebody whom the authority certifies, as Fulcio does: without a name, but with the issuer that vouched."""
        key = _key()
        builder = (
            x509.CertificateBuilder(self.root.subject, x509.Name([]), key.public_key(), x509.random_serial_number())
            .not_valid_before(SIGNED_AT - _MINUTE)
            .not_valid_after(SIGNED_AT + 9 * _MINUTE)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(subject)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(_FULCIO_ISSUER, _der(0x0C, issuer.encode())), critical=False)
        )
        # The certificate without its timestamp is the one that the log of certificates signed.
        before = builder.sign(self.authority, SHA256()).tbs_certificate_bytes
        timestamps = self._timestamps(before, certificate_log or self.certificate_log)
        certificate = builder.add_extension(x509.UnrecognizedExtension(_SCT_LIST, timestamps), critical=False)
        return Signer(key=key, certificate=certificate.sign(self.authority, SHA256()))

    def _timestamps(self, before: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
        """One signed certificate timestamp (RFC 6962)."""
        at = int(SIGNED_AT.timestamp() * 1000)
        issuer = hashlib.sha256(_spki(self.authority)).digest()
        signed = struct.pack("!BBQH", 0, 0, at, 1) + issuer + struct.pack("!I", len(before))[1:] + before + struct.pack("!H", 0)
        signature = _signed(key, signed)
        log_id = hashlib.sha256(_spki(self.certificate_log)).digest()
        one = struct.pack("!B32sQH", 0, log_id, at, 0) + struct.pack("!BBH", 4, 3, len(signature)) + signature
        return _der(0x04, struct.pack("!HH", len(one) + 2, len(one)) + one)

    def entry(self, body: bytes, at: datetime.datetime = SIGNED_AT) -> dict[str, Any]:
        """What the log has of `body`, as its API answers, and with its index."""
        index, log_id = len(self.entries), hashlib.sha256(_spki(self.log)).digest()
        entry = {"body": b64(body), "integratedTime": int(at.timestamp()), "logID": log_id.hex(), "logIndex": index}
        promise = _signed(self.log, json.dumps(entry, sort_keys=True, separators=(",", ":")).encode())
        # A tree of two entries, of which this is the first.
        other = hashlib.sha256(b"\x00another entry").digest()
        root = hashlib.sha256(b"\x01" + hashlib.sha256(b"\x00" + body).digest() + other).digest()
        note = f"{_CHECKPOINT}\n2\n{b64(root)}\n"
        checkpoint = f"{note}\n\u2014 log.test.example {b64(log_id[:4] + _signed(self.log, note.encode()))}\n"
        proof = {"logIndex": 0, "rootHash": root.hex(), "treeSize": 2, "hashes": [other.hex()], "checkpoint": checkpoint}
        self.entries[index] = {**entry, "verification": {"signedEntryTimestamp": b64(promise), "inclusionProof": proof}}
        return self.entries[index]

    def entry_of_file(self, signer: Signer, content: bytes, signature: bytes, at: datetime.datetime = SIGNED_AT) -> dict[str, Any]:
        spec = {
            "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}},
            "signature": {"content": b64(signature), "publicKey": {"content": b64(signer.pem.encode())}},
        }
        return self.entry(_canonical({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}), at)

    def bundle_of_file(self, signer: Signer, content: bytes, at: datetime.datetime = SIGNED_AT) -> bytes:
        """`cosign sign-blob --bundle`."""
        signature = _signed(signer.key, content)
        entry = self.entry_of_file(signer, content, signature, at)
        digest = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(content).digest())}
        return bundle(_material(signer, entry, "hashedrekord"), messageSignature={"messageDigest": digest, "signature": b64(signature)})

    def bundle_of_artifact(self, signer: Signer, digest: str, at: datetime.datetime = SIGNED_AT, *, payload: bytes | None = None) -> bytes:
        """`cosign sign` of cosign 3."""
        payload = payload or statement(digest)
        signature = _signed(signer.key, pae(payload))
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(b"not canonical").hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": b64(signature), "verifier": b64(signer.pem.encode())}],
        }
        entry = self.entry(_canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}), at)
        return bundle(_material(signer, entry, "dsse"), dsseEnvelope=envelope(signature, payload, IN_TOTO))

    def answer(self, request: Request) -> Answer:
        """The API of the log."""
        url = urlsplit(request.path)
        index = parse_qs(url.query).get("logIndex", [""])[0]
        if url.path != "/api/v1/log/entries" or not index.isdecimal() or int(index) not in self.entries:
            return Answer(status=404)
        return Answer(body=json.dumps({"24296fb24b8ad77a" + "0" * 64: self.entries[int(index)]}).encode())


@contextmanager
def private_sigstore() -> Iterator[tuple[PrivateSigstore, AnyServer]]:
    """One whose log answers."""
    with any_server() as server:
        sigstore = PrivateSigstore(f"http://{server.address}")
        server.answer = sigstore.answer
        yield sigstore, server


def promise_of(entry: dict[str, Any]) -> str:
    """The annotation `dev.sigstore.cosign/bundle` of cosign 2."""
    payload = {key: entry[key] for key in ("body", "integratedTime", "logIndex", "logID")}
    return json.dumps({"SignedEntryTimestamp": entry["verification"]["signedEntryTimestamp"], "Payload": payload})


def _material(signer: Signer, entry: dict[str, Any], kind: str) -> dict[str, Any]:
    proof = entry["verification"]["inclusionProof"]
    logged = {
        "logIndex": str(entry["logIndex"]),
        "logId": {"keyId": b64(bytes.fromhex(entry["logID"]))},
        "kindVersion": {"kind": kind, "version": "0.0.1"},
        "integratedTime": str(entry["integratedTime"]),
        "inclusionPromise": {"signedEntryTimestamp": entry["verification"]["signedEntryTimestamp"]},
        "inclusionProof": {
            "logIndex": "0",
            "rootHash": b64(bytes.fromhex(proof["rootHash"])),
            "treeSize": "2",
            "hashes": [b64(bytes.fromhex(each)) for each in proof["hashes"]],
            "checkpoint": {"envelope": proof["checkpoint"]},
        },
        "canonicalizedBody": entry["body"],
    }
    return {"certificate": {"rawBytes": b64(signer.certificate.public_bytes(Encoding.DER))}, "tlogEntries": [logged]}


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _usage(**used: bool) -> x509.KeyUsage:
    names = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    return x509.KeyUsage(**{name: used.get(name, False) for name in names.split()}, encipher_only=False, decipher_only=False)
