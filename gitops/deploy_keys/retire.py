"""Retiring: keys that this command registered and that went out of use leave Gitea, after the active one is seen to work."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from gitops.deploy_keys.gitea import Gitea, RefusedError, RegisteredKey
from gitops.deploy_keys.model import DeployCredential, Repository, title_prefix
from gitops.deploy_keys.outcome import Outcome
from gitops.deploy_keys.register import elsewhere
from gitops.messages import NOTHING

WhyNot = Callable[[DeployCredential], list[str]]
"""Why the active key of a credential is not seen to work; empty when it is. Called only where something would be removed."""


@dataclass(frozen=True, kw_only=True)
class _Old:
    repository: Repository
    key: RegisteredKey
    name: str


def retire(
    gitea: Gitea,
    stack: str,
    credentials: Sequence[DeployCredential],
    hosts: Collection[str],
    why_not: WhyNot,
    *,
    dry_run: bool,
    complain: Callable[[str], None],
) -> list[Outcome]:
    """Remove each credential's old keys, or say why not.

    Never touched: keys with other titles, the active key under whatever title, and keys of the stack that are not used yet.
    """
    done: list[Outcome] = []
    for credential in credentials:
        old, others = _look(gitea, stack, credential, hosts)
        reasons = why_not(credential) if old else []
        for reason in reasons:
            complain(f"{credential.name}: nothing is removed: {reason}")
        for each in old:
            if reasons:
                done.append(_outcome(credential, each, "kept: the active key is not seen to sync", ok=False))
            elif dry_run:
                done.append(_outcome(credential, each, f"would be removed: id {each.key.id}, once the active key is seen to sync"))
            else:
                done.append(_remove(gitea, credential, each))
        done += others
    return done


def _look(gitea: Gitea, stack: str, credential: DeployCredential, hosts: Collection[str]) -> tuple[list[_Old], list[Outcome]]:
    """The keys to remove, and what is to be said of repositories and keys that are left alone."""
    old: list[_Old] = []
    others: list[Outcome] = []
    prefix = title_prefix(stack, credential.name)
    for repository in credential.repositories:
        unnamed = Outcome(credential=credential.name, key=NOTHING, active=False, repository=repository.path, said=elsewhere(repository))
        if repository.host not in hosts:
            others.append(unnamed)
            continue
        try:
            known = gitea.keys(repository)
        except RefusedError as refusal:
            others.append(replace(unnamed, said=f"unknown: {refusal}", ok=False))
            continue
        for key in known:
            name = credential.name_of(key.public_key)
            here = _Old(repository=repository, key=key, name=key.title.removeprefix(prefix))
            if not key.title.startswith(prefix) or (name is not None and name == credential.active):
                continue
            if credential.is_next(name):
                others.append(_outcome(credential, here, f"kept: id {key.id} is not used yet; to be rid of it, take it off `generated`"))
            else:
                old.append(here)
    return old, others


def _remove(gitea: Gitea, credential: DeployCredential, old: _Old) -> Outcome:
    try:
        gitea.remove(old.repository, old.key)
    except RefusedError as refusal:
        return _outcome(credential, old, f"not removed: {refusal}", ok=False)
    return _outcome(credential, old, f"removed: id {old.key.id}")


def _outcome(credential: DeployCredential, old: _Old, said: str, *, ok: bool = True) -> Outcome:
    return Outcome(credential=credential.name, key=old.name, active=False, repository=old.repository.path, said=said, ok=ok)
