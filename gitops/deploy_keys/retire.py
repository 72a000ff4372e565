"""Retiring: keys that this command registered and that went out of use leave their forge, after the active one is seen to work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flux.message import Message
from gitops.deploy_keys.model import DeployCredential
from gitops.deploy_keys.outcome import KeyState, Outcome
from gitops.deploy_keys.titles import KeyTitles
from gitops.forges.by_host import Forges
from gitops.forges.forge import DeployKey, Forge, RefusedError
from gitops.forges.hosted_repository import Repository

NotSeenToWork = Callable[[DeployCredential], list[Message]]
"""Why the active key of a credential is not seen to work; empty when it is. Called only where something would be removed."""


@dataclass(frozen=True, kw_only=True)
class _Old:
    forge: Forge
    repository: Repository
    key: DeployKey
    name: str


def retire(
    forges: Forges,
    titles: KeyTitles,
    credentials: Sequence[DeployCredential],
    why_not: NotSeenToWork,
    *,
    dry_run: bool,
    complain: Callable[[str], None],
) -> list[Outcome]:
    """Remove each credential's old keys, or say why not.

    Never touched: keys with other titles, the active key under any title, and keys of the stack that are not used yet.
    """
    done: list[Outcome] = []
    for credential in credentials:
        old, others = _look(forges, titles, credential)
        reasons = why_not(credential) if old else []
        for reason in reasons:
            complain(f"{credential.name}: nothing is removed: {reason}")
        for each in old:
            if reasons:
                done.append(_of(credential, each, KeyState.KEPT, "kept: Flux has not fetched with the active key", ok=False))
            elif dry_run:
                said = f"would be removed: id {each.key.id}, once Flux fetches with the active key"
                done.append(_of(credential, each, KeyState.WOULD_REMOVE, said))
            else:
                done.append(_remove(credential, each))
        done += others
    return done


def _look(forges: Forges, titles: KeyTitles, credential: DeployCredential) -> tuple[list[_Old], list[Outcome]]:
    """The keys to remove, and what is reported of repositories and keys that stay."""
    old: list[_Old] = []
    others: list[Outcome] = []
    for repository in credential.repositories:
        forge = forges.of(repository)
        if forge is None:
            others.append(_whole(credential, repository, None, KeyState.NOT_ASKED, forges.why_not(repository), ok=True))
            continue
        try:
            known = forge.deploy_keys(repository)
        except RefusedError as refusal:
            others.append(_whole(credential, repository, forge, KeyState.REFUSED, f"unknown: {refusal}", ok=False))
            continue
        for key in known:
            name = credential.name_of(key.public_key)
            titled = titles.key_named_by(key, credential)
            if titled is None or (name is not None and name == credential.active):
                continue
            here = _Old(forge=forge, repository=repository, key=key, name=titled)
            if credential.is_next(name):
                said = f"kept: id {key.id} is not used yet; to remove it, remove it from `generated`"
                others.append(_of(credential, here, KeyState.NEXT, said))
            else:
                old.append(here)
    return old, others


def _remove(credential: DeployCredential, old: _Old) -> Outcome:
    try:
        old.forge.remove_deploy_key(old.repository, old.key)
    except RefusedError as refusal:
        return _of(credential, old, KeyState.REFUSED, f"not removed: {refusal}", ok=False)
    return _of(credential, old, KeyState.REMOVED, f"removed: id {old.key.id}")


def _of(credential: DeployCredential, old: _Old, state: KeyState, said: str, *, ok: bool = True) -> Outcome:
    return Outcome(
        credential=credential.name,
        key=old.name,
        active=False,
        repository=old.repository,
        forge=old.forge.kind,
        state=state,
        said=said,
        id=old.key.id,
        ok=ok,
    )


def _whole(credential: DeployCredential, repository: Repository, forge: Forge | None, state: KeyState, said: str, *, ok: bool) -> Outcome:
    return Outcome(
        credential=credential.name,
        key=None,
        active=False,
        repository=repository,
        forge=forge.kind if forge else None,
        state=state,
        said=said,
        ok=ok,
    )
