"""Registering and listing: which keys of the stack each repository knows at its forge."""

from collections.abc import Iterator, Sequence

from gitops.deploy_keys.model import DeployCredential, same_key
from gitops.deploy_keys.outcome import KeyState, Outcome
from gitops.deploy_keys.titles import KeyTitles
from gitops.forges.by_host import Forges
from gitops.forges.forge import DeployKey, Forge, RefusedError
from gitops.forges.hosted_repository import Repository
from gitops.messages import NOTHING


def register(forges: Forges, titles: KeyTitles, credentials: Sequence[DeployCredential], *, dry_run: bool) -> list[Outcome]:
    """Give every public key of the credentials read access to each of their repositories at its forge.

    Keys that are already registered stay as they are. A key older than the active one is not added: it was retired, perhaps because it
    is compromised, and must not come back.
    """
    done: list[Outcome] = []
    for credential, repository in pairs(credentials):
        forge = forges.of(repository)
        if forge is None:
            done += [_of(credential, key, repository, None, KeyState.NOT_ASKED, forges.why_not(repository)) for key in credential.keys]
            continue
        try:
            known = forge.deploy_keys(repository)
        except RefusedError as refusal:
            done += [_refused(credential, key, repository, forge, f"not registered: {refusal}") for key in credential.keys]
            continue
        done += [_register(forge, titles, credential, key, repository, known, dry_run=dry_run) for key in credential.keys]
    return done


def listing(forges: Forges, titles: KeyTitles, credentials: Sequence[DeployCredential]) -> list[Outcome]:
    """Every key of the stack, and every key at a forge that was once registered for it; without a forge only the former."""
    found: list[Outcome] = []
    for credential, repository in pairs(credentials):
        forge = forges.of(repository)
        if forge is None:
            said = forges.why_not(repository) if forges.all else NOTHING
            found += [_of(credential, key, repository, None, KeyState.NOT_ASKED, said) for key in credential.keys]
            continue
        try:
            known = forge.deploy_keys(repository)
        except RefusedError as refusal:
            found += [_refused(credential, key, repository, forge, f"unknown: {refusal}") for key in credential.keys]
            continue
        for key, public in credential.keys.items():
            same = next((each for each in known if same_key(each.public_key, public)), None)
            if same:
                found.append(_of(credential, key, repository, forge, KeyState.REGISTERED, _facts(same), same.id))
            else:
                found.append(_of(credential, key, repository, forge, KeyState.ABSENT, "not registered"))
        for each in known:
            named = titles.key_named_by(each, credential)
            if named is not None and credential.name_of(each.public_key) is None:
                said = f"{_facts(each)}, no longer a key of the stack"
                found.append(_of(credential, named, repository, forge, KeyState.LEFT_OVER, said, each.id))
    return found


def pairs(credentials: Sequence[DeployCredential]) -> Iterator[tuple[DeployCredential, Repository]]:
    """Each credential with each of its repositories."""
    return ((credential, repository) for credential in credentials for repository in credential.repositories)


def _register(
    forge: Forge,
    titles: KeyTitles,
    credential: DeployCredential,
    key: str,
    repository: Repository,
    known: Sequence[DeployKey],
    *,
    dry_run: bool,
) -> Outcome:
    title, public = f"{titles.prefix(credential.name)}{key}", credential.keys[key]
    if same := next((each for each in known if same_key(each.public_key, public)), None):
        ours = titles.key_named_by(same, credential) is not None
        named = "" if same.title == title else f" as {same.title!r}{'' if ours else ', so `retire` will not remove it'}"
        writes = "" if same.read_only else "; it has write access, which Flux does not need"
        return _of(credential, key, repository, forge, KeyState.REGISTERED, f"already registered: id {same.id}{named}{writes}", same.id)
    if taken := next((each for each in known if each.title == title), None):
        # Not replaced: as long as Flux has not been seen to sync with the new key, the old one may be the one that works.
        said = f"not registered: key {taken.id} has the title {title} but different content; remove it at {forge.kind}, then register again"
        return _refused(credential, key, repository, forge, said)
    if credential.is_old(key):
        return _of(credential, key, repository, forge, KeyState.TOO_OLD, "not added: older than the active key")
    if dry_run:
        return _of(credential, key, repository, forge, KeyState.WOULD_REGISTER, f"would be registered as {title}")
    try:
        number = forge.add_deploy_key(repository, title, public)
    except RefusedError as refusal:
        return _refused(credential, key, repository, forge, f"not registered: {refusal}")
    return _of(credential, key, repository, forge, KeyState.REGISTERED, f"registered: id {number}", number)


def _of(
    credential: DeployCredential,
    key: str,
    repository: Repository,
    forge: Forge | None,
    state: KeyState,
    said: str,
    number: int | None = None,
) -> Outcome:
    return Outcome(
        credential=credential.name,
        key=key,
        active=key == credential.active,
        repository=repository,
        forge=forge.kind if forge else None,
        state=state,
        said=said,
        id=number,
    )


def _refused(credential: DeployCredential, key: str, repository: Repository, forge: Forge, said: str) -> Outcome:
    return Outcome(
        credential=credential.name,
        key=key,
        active=key == credential.active,
        repository=repository,
        forge=forge.kind,
        state=KeyState.REFUSED,
        said=said,
        ok=False,
    )


def _facts(key: DeployKey) -> str:
    return f"id {key.id}, since {key.created[:10] or NOTHING}{'' if key.read_only else ', with write access'}"
