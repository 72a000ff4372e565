"""Keys and certificates made while the tests run: none is committed, and none is worth anything."""

import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from flux.keys.generated_ssh_keys import private_key_from_seed
from flux.keys.ssh_private_keys import public_line_of

PASSPHRASE = "a passphrase made for this test"
PGP_KEY = "-----BEGIN PGP PRIVATE KEY {0}-----\n\nlQ==\n-----END PGP PRIVATE KEY {0}-----\n".format("BLOCK")
"""The form of one; nothing reads what is in it."""
Key = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def rsa_key(bits: int = 1024) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def elliptic_key(name: str) -> ec.EllipticCurvePrivateKey:
    """One for each name."""
    return ec.generate_private_key(ec.SECP256R1())


def ssh_key(seed: str = "an SSH key made for this test") -> str:
    """The same for the same seed."""
    return private_key_from_seed(seed)


def host_key(seed: str = "a server's SSH key made for this test") -> str:
    """`ssh-ed25519 AAAA…`, the same for the same seed."""
    return public_line_of(ssh_key(seed))


def pem(key: Key, passphrase: str | None = None, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption).decode()


def public_pem(key: Key) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def certificate(name: str = "a") -> str:
    """A certificate that signed itself, of the elliptic key of that name."""
    return _certificate(name)


@cache
def _certificate(name: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.test")])
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(subject, subject, elliptic_key(name).public_key(), 7, begin, begin + datetime.timedelta(days=36500))
    return builder.sign(elliptic_key(name), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def example_secrets() -> dict[str, str]:
    """Secret keys of docs/examples/Pulumi.example.yaml that are no single line → a value that could be one; the certificate is `a`."""
    return {
        "mirror-deploy-identity": pem(elliptic_key("a"), PASSPHRASE, PrivateFormat.TraditionalOpenSSL),
        # Short: the examples are read hundreds of times, and OpenSSL checks the numbers of a long one for 30 ms.
        "github-app-private-key": pem(rsa_key()),
        "enterprise-app-private-key": pem(rsa_key()),
        "client-certificate-private-key": pem(elliptic_key("a")),
        "pgp-homelab": PGP_KEY,
    }
