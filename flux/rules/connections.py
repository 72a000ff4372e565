"""The Secrets for connections, as opposed to logins: certificates and proxies. Checked only for Secrets that the stack creates."""

from collections.abc import Iterator

from flux.any_shape import ADDRESS_OF_A_PROXY, holds, text
from flux.finding import STACK_AND_GIT, Finding
from flux.rules.plan import Plan
from flux.rules.rule import rule

_WITH_CERTIFICATES = ("HelmRepository", "OCIRepository", "Bucket", "ImageRepository", "Provider")
_WITH_A_PROXY = ("GitRepository", "OCIRepository", "Bucket", "ImageRepository", "Provider")
_PAIR = frozenset({"tls.crt", "tls.key"})


@rule(looks_at=STACK_AND_GIT)
def certificates_are_complete(plan: Plan) -> Iterator[Finding]:
    """The Secret of `certSecretRef` holds `ca.crt`, or `tls.crt` with `tls.key`, or all three.

    The controllers refuse any other Secret (fluxcd/pkg runtime/secrets, TLSConfigFromSecret), and read no login there.
    """
    for item in plan.of_kind(*_WITH_CERTIFICATES):
        name = text(item.spec, "certSecretRef", "name")
        keys = plan.secret_keys(item.namespace, name)
        if keys is None:
            continue
        if keys & _PAIR and not keys >= _PAIR:
            missing = ", ".join(sorted(_PAIR - keys))
            yield item.wrong(
                ("spec", "certSecretRef"),
                f"names Secret/{name}, which {holds(keys, but=f'no {missing}')}",
                "Flux would refuse to connect.",
                f"Add {missing} to the Secret.",
            )
        elif not keys & (_PAIR | {"ca.crt"}):
            yield item.wrong(
                ("spec", "certSecretRef"),
                f"names Secret/{name}, which {holds(keys, but='no certificate')}",
                "Flux would refuse to connect.",
                "Name a credential of type tls: a Secret with ca.crt, or with tls.crt and tls.key.",
            )


@rule(looks_at=STACK_AND_GIT)
def proxy_has_an_address(plan: Plan) -> Iterator[Finding]:
    """The Secret of `proxySecretRef` holds `address`.

    The controllers refuse any other Secret (fluxcd/pkg runtime/secrets, ProxyURLFromSecret).
    """
    for item in plan.of_kind(*_WITH_A_PROXY):
        name = text(item.spec, "proxySecretRef", "name")
        keys = plan.secret_keys(item.namespace, name)
        if keys is not None and ADDRESS_OF_A_PROXY not in keys:
            yield item.wrong(
                ("spec", "proxySecretRef"),
                f"names Secret/{name}, which {holds(keys, but='no proxy address')}",
                "Flux would refuse to fetch.",
                "Name a credential of type proxy: a Secret with address.",
            )
