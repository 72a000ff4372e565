"""Receivers and Providers."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from flux.any_shape import entries, shown, text
from flux.finding import GIT, STACK_AND_GIT, Finding
from flux.kinds import KINDS
from flux.rules.plan import Plan
from flux.rules.relations import references_of
from flux.rules.rule import rule

_LIKE_GITHUB = ("gitea", "forgejo", "gogs")
_GITEA = ("gitea", "giteapullrequestcomment")
_STRICT_GCR = (2, 9)
_DROPPED = "Flux would drop every event."


@rule(looks_at=STACK_AND_GIT)
def wildcard_of_a_receiver_has_labels(plan: Plan) -> Iterator[Finding]:
    """A Receiver's resource named `*` has `matchLabels`.

    notification-controller refuses every call otherwise; an Alert's event source may be `*` without them (Receiver docs, "Resources").
    """
    for item in plan.of_kind("Receiver"):
        for path, entry in entries(item.spec, "resources"):
            if entry.get("name") == "*" and not isinstance(entry.get("matchLabels"), dict):
                yield item.wrong(
                    ("spec", *path),
                    'is named "*" but has no matchLabels',
                    "Flux would answer every call of the webhook with an error.",
                    "Add matchLabels, or name one object.",
                )


@rule(looks_at=GIT, warns=GIT)
def listened_object_exists(plan: Plan) -> Iterator[Finding]:
    """An object that an Alert or a Receiver names exists.

    notification-controller says nothing of one that does not: no event comes of it, and a webhook wakes nothing. Not checked: `*`, and
    kinds that are not Flux's own.
    """
    for item in plan.of_kind("Alert", "Receiver"):
        for reference in references_of(item):
            target = reference.target
            if reference.needed or target.kind not in KINDS or target.name == "*" or plan.find(target) or plan.is_unknown(target):
                continue
            namespaces = sorted(each.namespace for each in plan.of_kind(target.kind) if each.name == target.name)
            is_alert = item.kind == "Alert"
            yield item.wrong(
                reference.path,
                f"names {target.kind} {shown(target.name)} in namespace {shown(target.namespace)}, which is not in {plan.whole}",
                "The Alert would never report it." if is_alert else "The webhook would reconcile nothing.",
                f"Write namespace: {namespaces[0]}." if namespaces else "Correct its name, or remove the entry.",
                certain=bool(namespaces) or plan.is_all_that_there_is(item),
            )


@rule(looks_at=STACK_AND_GIT)
def receiver_of_gitea_is_of_type_github(plan: Plan) -> Iterator[Finding]:
    """A Receiver for the webhooks of Gitea or Forgejo is of type `github`; there is no type of their own, unlike for Providers.

    Both send `X-Hub-Signature-256` and `X-GitHub-Event` as GitHub does, and no `X-Gitlab-Token`.
    """
    for item in plan.of_kind("Receiver"):
        kind = item.spec.get("type")
        if kind in _LIKE_GITHUB:
            yield item.wrong(
                ("spec", "type"),
                f"{kind} is not a type of a Receiver",
                "The API server would refuse the Receiver.",
                "Write github: Gitea and Forgejo sign their webhooks as GitHub does.",
            )


@rule(looks_at=STACK_AND_GIT)
def receiver_has_a_token(plan: Plan) -> Iterator[Finding]:
    """A Receiver's Secret has `token`; for type gcr, from Flux 2.9 on, also `email` and `audience`.

    Without the token there is no webhook path; without the other two, anyone with a Google account could call it (CVE-2026-40109).
    Checked for Secrets that the stack creates.
    """
    strict = plan.flux_minor is not None and plan.flux_minor >= _STRICT_GCR
    for item in plan.of_kind("Receiver"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.namespace, name)
        if keys is None:
            continue
        needed = ["token", *(["email", "audience"] if item.spec.get("type") == "gcr" and strict else [])]
        missing = [key for key in needed if key not in keys]
        if missing:
            yield item.wrong(
                ("spec", "secretRef"),
                f"names Secret/{name}, which has no {' and no '.join(missing)}",
                "Flux would not answer its webhook.",
                f"Name a credential of type webhook, or a Secret with {' and '.join(missing)}.",
            )


@rule(looks_at=STACK_AND_GIT)
def gitea_provider_names_a_repository(plan: Plan) -> Iterator[Finding]:
    """A Provider for Gitea has the `address` of one repository, `https://host/owner/name`, and a Secret with a token.

    notification-controller reads owner and name from the address, and drops every event if either is missing.
    """
    for item in plan.of_kind("Provider"):
        if item.spec.get("type") not in _GITEA:
            continue
        address = text(item.spec, "address")
        if not text(item.spec, "secretRef", "name"):
            yield item.wrong(
                ("spec", "secretRef"),
                f"is required for type {item.spec['type']} but missing",
                _DROPPED,
                "Name a Secret that holds an access token under the key token.",
            )
        if address is not None and len(_path_parts(address)) != 2:
            yield item.wrong(
                ("spec", "address"), "is not the address of one repository", _DROPPED, "Write https://<host>/<owner>/<repository>."
            )


def _path_parts(address: str) -> list[str]:
    try:
        return [part for part in urlsplit(address).path.split("/") if part]
    except ValueError:
        return []
