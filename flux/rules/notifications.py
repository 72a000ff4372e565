"""Receivers and Providers."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from flux.finding import Finding
from flux.rules.plan import Plan
from flux.rules.reading import entries, text

_GITEA = ("gitea", "giteapullrequestcomment")
_STRICT_GCR = (2, 9)


def wildcard_of_a_receiver_has_labels(plan: Plan) -> Iterator[Finding]:
    """A Receiver's resource named `*` has `matchLabels`.

    notification-controller refuses every call otherwise; an Alert's event source may be `*` alone (Receiver docs, "Resources").
    """
    for item in plan.of_kind("Receiver"):
        for path, entry in entries(item.spec, "resources"):
            if entry.get("name") == "*" and not isinstance(entry.get("matchLabels"), dict):
                yield item.wrong(
                    ("spec", *path),
                    'the name "*" stands without matchLabels; Flux would answer every call of the webhook with an error; '
                    "add matchLabels, or name one object",
                )


def receiver_has_a_token(plan: Plan) -> Iterator[Finding]:
    """A Receiver's Secret has `token`; for type gcr, from Flux 2.9 on, also `email` and `audience`.

    Without the token there is no webhook path; without the other two, anyone with a Google account could call (CVE-2026-40109).
    Judged for Secrets that the stack makes.
    """
    strict = plan.flux_minor is not None and plan.flux_minor >= _STRICT_GCR
    for item in plan.of_kind("Receiver"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is None:
            continue
        needed = ["token", *(["email", "audience"] if item.spec.get("type") == "gcr" and strict else [])]
        missing = [key for key in needed if key not in keys]
        if missing:
            yield item.wrong(
                ("spec", "secretRef"),
                f"Secret/{name} has no {' and no '.join(missing)}, which a Receiver of this type needs; Flux would not answer its webhook; "
                f"add {' and '.join(missing)} to the Secret, or name another",
            )


def gitea_provider_names_a_repository(plan: Plan) -> Iterator[Finding]:
    """A Provider for Gitea has an `address` of one repository, `https://host/owner/name`, and a Secret with a token.

    notification-controller parses owner and name from the address, and drops every event when either is missing.
    """
    for item in plan.of_kind("Provider"):
        if item.spec.get("type") not in _GITEA:
            continue
        address = text(item.spec, "address")
        if not text(item.spec, "secretRef", "name"):
            yield item.wrong(
                ("spec", "secretRef"),
                f"a Provider of type {item.spec['type']} needs an access token, but no Secret is named; Flux would drop every event; "
                "name a Secret with the key token in secretRef",
            )
        if address is not None and len(_path_parts(address)) != 2:
            yield item.wrong(
                ("spec", "address"),
                "the address is not that of one repository; Flux would drop every event; write https://<host>/<owner>/<repository>",
            )


def _path_parts(address: str) -> list[str]:
    try:
        return [part for part in urlsplit(address).path.split("/") if part]
    except ValueError:
        return []


RULES = (
    wildcard_of_a_receiver_has_labels,
    receiver_has_a_token,
    gitea_provider_names_a_repository,
)
