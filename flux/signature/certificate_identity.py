"""Who a certificate of Sigstore was issued to. Asked only of one whose chain was verified.

Its extensions: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flux.go_regex import is_whole
from flux.signature.policy import OidcIdentity

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ISSUER = "1.3.6.1.4.1.57264.1.8"
_ISSUER_OF_OLD = "1.3.6.1.4.1.57264.1.1"
_OTHER_NAME = "1.3.6.1.4.1.57264.1.7"


def issuer_of(certificate: "Certificate") -> str | None:
    """The OIDC issuer that vouched for the signer; None where it is not told."""
    from cryptography import x509
    from cryptography.hazmat import asn1

    for oid in (_ISSUER, _ISSUER_OF_OLD):
        try:
            value = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(oid)).value
        except x509.ExtensionNotFound:
            continue
        raw = value.value if isinstance(value, x509.UnrecognizedExtension) else b""
        try:
            return asn1.decode_der(str, raw) if oid == _ISSUER else raw.decode()
        except ValueError:
            return None
    return None


def subjects_of(certificate: "Certificate") -> Iterator[str]:
    """The signer: a workflow's URI, or a person's address."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return
    yield from names.get_values_for_type(x509.UniformResourceIdentifier)
    yield from names.get_values_for_type(x509.RFC822Name)
    for other in names.get_values_for_type(x509.OtherName):
        if other.type_id.dotted_string == _OTHER_NAME:
            yield other.value.decode(errors="replace")


def accepted_subject(certificate: "Certificate", identities: Iterable[OidcIdentity]) -> str | None:
    """The subject of the certificate that one of `identities` accepts, together with the issuer; None where none does."""
    issuer, subjects = issuer_of(certificate), list(subjects_of(certificate))
    for identity in identities:
        if issuer is None or not is_whole(identity.issuer, issuer):
            continue
        for subject in subjects:
            if is_whole(identity.subject, subject):
                return subject
    return None
