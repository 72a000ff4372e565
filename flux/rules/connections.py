"""The Secrets with which a connection is made, whoever logs in: certificates and proxies. Judged only for Secrets that the stack makes."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.rules.plan import Plan
from flux.rules.reading import holds, text

_WITH_CERTIFICATES = ("HelmRepository", "OCIRepository", "Bucket", "ImageRepository", "Provider")
_WITH_A_PROXY = ("GitRepository", "OCIRepository", "Bucket", "ImageRepository", "Provider")
_PAIR = frozenset({"tls.crt", "tls.key"})


def certificates_are_complete(plan: Plan) -> Iterator[Finding]:
    """The Secret of `certSecretRef` holds `ca.crt`, or `tls.crt` with `tls.key`, or all three.

    The controllers refuse any other (fluxcd/pkg runtime/secrets, TLSConfigFromSecret), and read no login there.
    """
    for item in plan.of_kind(*_WITH_CERTIFICATES):
        name = text(item.spec, "certSecretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is None:
            continue
        if keys & _PAIR and not keys >= _PAIR:
            missing = ", ".join(sorted(_PAIR - keys))
            yield item.wrong(
                ("spec", "certSecretRef"),
                f"Secret/{name} {holds(keys)}, but not {missing}; Flux would refuse to connect; add {missing}",
            )
        elif not keys & (_PAIR | {"ca.crt"}):
            yield item.wrong(
                ("spec", "certSecretRef"),
                f"Secret/{name} {holds(keys)}, and no certificate; Flux would refuse to connect; "
                "name a Secret with ca.crt, or with tls.crt and tls.key: a credential of type tls",
            )


def proxy_has_an_address(plan: Plan) -> Iterator[Finding]:
    """The Secret of `proxySecretRef` holds `address`.

    The controllers refuse any other (fluxcd/pkg runtime/secrets, ProxyURLFromSecret).
    """
    for item in plan.of_kind(*_WITH_A_PROXY):
        name = text(item.spec, "proxySecretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is not None and "address" not in keys:
            yield item.wrong(
                ("spec", "proxySecretRef"),
                f"Secret/{name} {holds(keys)}, and no address; Flux would refuse to fetch; "
                "name a Secret with the address of a proxy: a credential of type proxy",
            )


RULES = (certificates_are_complete, proxy_has_an_address)
