"""The embedded CA's one certificate is what Go's verifier, and so Flux, accepts; and its key is for its owner alone."""

from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store

from devcluster.machine.server_certificate import ServerCertificate


@pytest.fixture
def made(tmp_path: Path) -> ServerCertificate:
    found = ServerCertificate(authority=tmp_path / "a" / "ca.crt", certificate=tmp_path / "a" / "tls.crt", key=tmp_path / "b" / "tls.key")
    found.ensure()
    return found


def loaded(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.mark.parametrize("subject", [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")])
def test_the_chain_is_valid_for_the_address_and_the_name(made: ServerCertificate, subject: x509.IPAddress | x509.DNSName) -> None:
    verifier = PolicyBuilder().store(Store([loaded(made.authority)])).build_server_verifier(subject)
    assert len(verifier.verify(loaded(made.certificate), [])) == 2


def test_each_certificate_says_what_it_is_for(made: ServerCertificate) -> None:
    authority, server = loaded(made.authority).extensions, loaded(made.certificate).extensions
    assert authority.get_extension_for_class(x509.BasicConstraints).value.ca
    assert authority.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert not server.get_extension_for_class(x509.BasicConstraints).value.ca
    assert server.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert list(server.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_the_key_is_for_its_owner_alone_and_the_cas_own_key_is_kept_nowhere(made: ServerCertificate, tmp_path: Path) -> None:
    assert made.key.stat().st_mode & 0o777 == 0o600
    files = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {made.authority, made.certificate, made.key}
    assert [path for path in files if b"PRIVATE" in path.read_bytes()] == [made.key]


def test_it_is_made_once(made: ServerCertificate) -> None:
    before = [path.read_bytes() for path in (made.authority, made.certificate, made.key)]
    made.ensure()
    assert [path.read_bytes() for path in (made.authority, made.certificate, made.key)] == before


def test_what_is_half_there_is_made_anew_as_a_whole(made: ServerCertificate) -> None:
    made.key.unlink()
    made.ensure()
    assert loaded(made.certificate).public_key() == _key(made.key).public_key()
    loaded(made.certificate).verify_directly_issued_by(loaded(made.authority))


def _key(path: Path):  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(path.read_bytes(), None)
