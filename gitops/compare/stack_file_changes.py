"""What changes of the stack file itself, where no object shows it: the environment, the cluster, whom the stack trusts."""

from collections.abc import Iterator, Mapping
from typing import Any

from flux.key_path import KeyPath
from gitops.compare.field_changes import MISSING, FieldChange, differences
from gitops.compare.found_changes import Action, Change
from gitops.compare.own_words import coded
from gitops.compare.record_losses import losses
from gitops.compare.secret_changes import AGE, KEYS, KUBECONFIG, age_keys, use_of
from gitops.compare.sentence import NOWHERE
from gitops.compare.stack_pair import Pair, at_place
from gitops.compare.value_text import values_of, what_changes
from gitops.rendered.stack_view import FACTS, FOR_PULUMI, StackView
from stacks.contract.stack import secret_environment_variable

BECOMES_OBJECTS: frozenset[KeyPath] = frozenset(
    {
        ("credentials",),
        ("hosts",),
        ("age", "keys"),
        ("decryption", "serviceAccountAnnotations"),
        *(
            ("flux", key)
            for key in (
                "manifests",
                "components",
                "flags",
                "shards",
                "size",
                "resources",
                "logLevel",
                "clusterDomain",
                "networkPolicy",
                "registry",
                "imagePullSecret",
                "nodeSelector",
                "tolerations",
                "controllers",
                "proxy",
                "patches",
            )
        ),
    }
)
"""What is shown by what becomes of it: sources, credentials, keys, controllers."""
_GENERATED = "generated"


def changes_of_facts(pair: Pair) -> Iterator[Change]:
    """One for each value."""
    for key in filter(pair.is_known, FACTS):
        before, after = (_given((key,), value) for value in pair.fact(key))
        yield from (_setting(pair, each) for each in differences(before, after, key, (key,)))
    if pair.before.flux_version == pair.after.flux_version:  # a release has a line of its own
        yield from _at(pair, "flux", "manifests")
    for name in sorted({*_map(pair.fact("credentials")[0]), *_map(pair.fact("credentials")[1])}):
        yield from _at(pair, "credentials", name, _GENERATED)
    before, after = (_map(each) for each in pair.fact(FOR_PULUMI))
    for name in sorted({*before, *after}):
        for field in differences(before.get(name, {}), after.get(name, {})):
            yield Change(kind="setting", action=_action(field), noun="object", names=(name,), what=what_changes(field, field.path))


def changes_of_sealed_values(pair: Pair) -> Iterator[Change]:
    """Secrets that come into the stack file, or leave it."""
    before, after = (each.sealed for each in pair.files)
    for key in sorted({*before, *after}):
        variable = secret_environment_variable(key)
        if key not in before and not _is_used(pair.before, key):
            what, action = coded("is new, encrypted in the stack file"), Action.ADDED
        elif key not in before:
            what, action = coded("is now encrypted in the stack file, and the variable {} is ignored", variable), Action.ADDED
        elif key not in after and not _is_used(pair.after, key):
            what, action = coded("is no longer in the stack file, and nothing uses it any more"), Action.REMOVED
        elif key not in after:
            what, action = coded("is no longer in the stack file: the variable {} has to be set instead", variable), Action.REMOVED
        else:
            continue
        source = at_place(after[key].place) if key in after else NOWHERE
        yield Change(kind="secret", action=action, noun="secret", names=(key,), what=what, source=source)


def _is_used(view: StackView, key: str) -> bool:
    """Whether a credential or an age key of the stack has it. Of any other secret, nothing is known here: it counts as used."""
    if key.startswith(AGE):
        return key.removeprefix(AGE) in age_keys(view)
    of_a_credential = any(key.startswith(f"{name}-") for name in _map(view.facts.get("credentials")))
    return of_a_credential or use_of(view, key) is not None or key.startswith((*KEYS, KUBECONFIG))


def changes_of_the_record(pair: Pair) -> Iterator[Change]:
    """What `gitops check` saw is another: what that allows is to decide."""
    before, after = pair.files
    if before.record != after.record:
        action = Action.ADDED if before.record is None else Action.REMOVED if after.record is None else Action.CHANGED
        what = {Action.ADDED: "is new", Action.REMOVED: "is deleted", Action.CHANGED: "is updated"}[action]
        keeps = before.record and after.record and not list(losses(before.record, after.record))
        drops = "; no file and no key is dropped" if keeps else ""
        why = " (written by `gitops check`; it records which encrypted file needs which age key)"
        name = after.record_name if after.record else before.record_name
        yield Change(kind="record", action=action, noun="file", names=(name,), what=coded(f"{what}{why}{drops}"))


def acknowledged(entries: Any) -> dict[str, str]:
    """`plain-secret in homelab-k8s: apps/ks.yaml` → the reason: an entry of the list, which has no name of its own."""
    found: dict[str, str] = {}
    for each in entries if isinstance(entries, list) else ():
        if isinstance(each, Mapping):
            file = f": {each['file']}" if each.get("file") else ""
            found[f"{each.get('finding')} in {each.get('repository')}{file}"] = str(each.get("because"))
    return found


def _at(pair: Pair, *path: str) -> Iterator[Change]:
    before, after = (MISSING if value is None else value for value in pair.fact(*path))
    yield from (_setting(pair, each) for each in differences(before, after, ".".join(path), path))


def _setting(pair: Pair, field: FieldChange) -> Change:
    return Change(
        kind="setting",
        action=_action(field),
        noun="setting",
        names=(field.path.removesuffix("[]"),),
        what=values_of(field),
        source=pair.source_of_fact(*(str(part) for part in field.key)),
    )


def _action(field: FieldChange) -> Action:
    return Action.ADDED if field.before is MISSING else Action.REMOVED if field.after is MISSING else Action.CHANGED


def _given(path: KeyPath, value: Any) -> Any:
    """A value that is not written is none; what becomes objects is shown there."""
    if path == ("acknowledge",) and value is not None:
        return acknowledged(value)
    if path in BECOMES_OBJECTS:
        return MISSING
    if isinstance(value, Mapping):
        return {key: _given((*path, key), item) for key, item in value.items() if item is not None}
    return MISSING if value is None else value


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
