"""Registering and listing: which keys of the stack each repository knows at Gitea."""

from collections.abc import Collection, Iterator, Sequence

from gitops.deploy_keys.gitea import Gitea, RefusedError, RegisteredKey
from gitops.deploy_keys.model import DeployCredential, Repository, same_key, title_prefix
from gitops.deploy_keys.outcome import Outcome
from gitops.errors import CommandError
from gitops.messages import NOTHING


def register(gitea: Gitea, stack: str, credentials: Sequence[DeployCredential], hosts: Collection[str], *, dry_run: bool) -> list[Outcome]:
    """Every public key of the credentials reads every repository of theirs at this Gitea. What is so already is left alone.

    A key older than the active one is not added: it was retired, perhaps because it is compromised, and must not come back.
    """
    done: list[Outcome] = []
    for credential, repository in _pairs(credentials):
        try:
            known = gitea.keys(repository) if repository.host in hosts else None
        except RefusedError as refusal:
            done += [_outcome(credential, key, repository, f"not registered: {refusal}", ok=False) for key in credential.keys]
            continue
        for key in credential.keys:
            if known is None:
                done.append(_outcome(credential, key, repository, elsewhere(repository)))
            else:
                done.append(_register(gitea, stack, credential, key, repository, known, dry_run=dry_run))
    return done


def listing(gitea: Gitea | None, stack: str, credentials: Sequence[DeployCredential], hosts: Collection[str]) -> list[Outcome]:
    """Every key of the stack, and every key at Gitea that was once registered for it; without a Gitea only the former."""
    found: list[Outcome] = []
    for credential, repository in _pairs(credentials):
        here = gitea is not None and repository.host in hosts
        try:
            known = gitea.keys(repository) if gitea and here else []
        except RefusedError as refusal:
            found += [_outcome(credential, key, repository, f"unknown: {refusal}", ok=False) for key in credential.keys]
            continue
        for key, public in credential.keys.items():
            same = next((each for each in known if same_key(each.public_key, public)), None)
            absent = "not registered" if here else elsewhere(repository) if gitea else NOTHING
            found.append(_outcome(credential, key, repository, _facts(same) if same else absent))
        prefix = title_prefix(stack, credential.name)
        found += [
            _outcome(credential, each.title.removeprefix(prefix), repository, f"{_facts(each)}, no longer a key of the stack")
            for each in known
            if each.title.startswith(prefix) and credential.name_of(each.public_key) is None
        ]
    return found


def refuse_nobody_here(gitea: Gitea, credentials: Sequence[DeployCredential], hosts: Collection[str]) -> None:
    """A Gitea that has none of the repositories is a wrong address, or has another name for SSH.

    Raises:
        CommandError: so it is.
    """
    there = sorted({repository.host for _, repository in _pairs(credentials)})
    if not set(there) & set(hosts):
        raise CommandError(
            f"None of the repositories is at {gitea.host}: the stack fetches them from {', '.join(there) or 'nowhere'}. "
            "So there is nothing to do. "
            "Another server may have a repository of the same name, so the host counts. "
            f"If that is this Gitea's name for SSH, say so: --ssh-host {there[0] if there else 'HOST'}"
        )


def elsewhere(repository: Repository) -> str:
    """What to say of a repository of another server."""
    return f"left alone: it is at {repository.host}"


def _pairs(credentials: Sequence[DeployCredential]) -> Iterator[tuple[DeployCredential, Repository]]:
    return ((credential, repository) for credential in credentials for repository in credential.repositories)


def _register(
    gitea: Gitea,
    stack: str,
    credential: DeployCredential,
    key: str,
    repository: Repository,
    known: Sequence[RegisteredKey],
    *,
    dry_run: bool,
) -> Outcome:
    title, public = f"{title_prefix(stack, credential.name)}{key}", credential.keys[key]
    if same := next((each for each in known if same_key(each.public_key, public)), None):
        named = "" if same.title == title else f" as {same.title!r}, so `retire` will leave it alone"
        writes = "" if same.read_only else "; it may write, and Flux only reads"
        return _outcome(credential, key, repository, f"was there: id {same.id}{named}{writes}")
    if taken := next((each for each in known if each.title == title), None):
        # Not replaced: as long as Flux has not been seen to sync with the new key, the old one may be the one that works.
        said = f"not registered: key {taken.id} has the title {title} and another content; remove it at Gitea, then register again"
        return _outcome(credential, key, repository, said, ok=False)
    if credential.is_old(key):
        return _outcome(credential, key, repository, "left out: older than the active key")
    if dry_run:
        return _outcome(credential, key, repository, f"would be registered as {title}")
    try:
        return _outcome(credential, key, repository, f"registered: id {gitea.add(repository, title, public)}")
    except RefusedError as refusal:
        return _outcome(credential, key, repository, f"not registered: {refusal}", ok=False)


def _outcome(credential: DeployCredential, key: str, repository: Repository, said: str, *, ok: bool = True) -> Outcome:
    active = key == credential.active
    return Outcome(credential=credential.name, key=key, active=active, repository=repository.path, said=said, ok=ok)


def _facts(key: RegisteredKey) -> str:
    return f"id {key.id}, since {key.created[:10] or NOTHING}{'' if key.read_only else ', may write'}"
