"""What the cluster can decrypt, and what it cannot."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from shlex import quote

from flux.bodies import SOPS_AGE_SECRET
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.gathering import is_list
from gitops.check.follow.kustomize_build import Build
from gitops.check.follow.synced import KUSTOMIZE_GROUP, Synced, World
from gitops.check.repository.documents import mapping, text
from gitops.check.repository.sops_file import SopsFile, has_cipher, has_lost_metadata, is_encrypted, sops_file
from gitops.check.repository.tree import Tree
from stacks.judging.other_keys import CLOUD_KEYS

ALONE = "move each of its separately encrypted documents to its own file (sops would break all but the first)"
_DISABLED = f"{KUSTOMIZE_GROUP}/decrypt"


def decryption_findings(world: World, keys: ClusterKeys) -> Iterator[FileFinding]:
    """What is wrong with the encrypted files that the cluster reads."""
    for synced, result in world.built:
        tree = world.tree_of(synced)
        files = [file for path in sorted(result.files) if (file := sops_file(tree, path)) is not None]
        if files and _looks_elsewhere(synced) and not world.variable_sources.is_made("Secret", synced.namespace, SOPS_AGE_SECRET):
            told = Message(
                f"{synced} decrypts with Secret/{synced.namespace}/{SOPS_AGE_SECRET}, which nothing creates",
                f"The stack creates it only in {FLUX_NAMESPACE}, but Flux looks in {synced.namespace}: all of {synced} would fail.",
                f"Remove secretRef (the flag sops-age-secret gives the age keys to all), or move it to {FLUX_NAMESPACE}.",
            )
            yield error(requirements.UNREADABLE, synced.repository, synced.file, told, synced.line)
        for file in files:
            yield from _judged(tree, synced, result, file, keys)
        yield from _without_metadata(tree, synced, result)


def _without_metadata(tree: Tree, synced: Synced, result: Build) -> Iterator[FileFinding]:
    """Encrypted values that Flux cannot know to be encrypted: SOPS's metadata are not in the object that it applies.

    kustomize takes a List apart, and drops what else is in it (kyaml, `kio.ByteReader`).
    """
    applies = "Flux would apply the encrypted text as it is, or the API server would refuse it."
    for path in sorted({item.file for item in result.objects if not item.is_generated and not _keeps_encrypted(item)}):
        if not has_lost_metadata(tree, path) and not (synced.decrypts and _is_an_encrypted_list(tree, path)):
            continue
        repository, file = tree.origin(path)
        line = next((each.line for each in tree.documents(path) or [] if has_cipher(each.value)), 0)
        if _is_an_encrypted_list(tree, path):
            wrong = "is an encrypted List, which kustomize takes apart, without the metadata of SOPS"
            fix = "Decrypt it, write its objects as documents of their own, divided by `---`, and encrypt it again."
            yield error(requirements.DECRYPTED_OTHERWISE, repository, file, Message(wrong, applies, fix), line)
        else:
            wrong = "has values that SOPS encrypted, but not the metadata of SOPS, which say with which keys"
            fix = "Restore the file from the commit before they were removed, or write the values again and encrypt it."
            yield error(requirements.NOT_DECRYPTED, repository, file, Message(wrong, applies, fix), line)


def _is_an_encrypted_list(tree: Tree, path: str) -> bool:
    return any(is_encrypted(each.value) and is_list(each) for each in tree.documents(path) or [])


def _keeps_encrypted(item: BuiltObject) -> bool:
    return text(item.body, "metadata", "annotations", _DISABLED).lower() == "disabled"


def needed_files(world: World) -> dict[str, dict[str, SopsFile]]:
    """The encrypted files that the cluster decrypts, or should: repository → path → file."""
    found: dict[str, dict[str, SopsFile]] = {name: {} for name in world.trees}
    for synced, result in world.built:
        tree = world.tree_of(synced)
        for path in sorted(result.files):
            if (file := sops_file(tree, path)) is not None:
                repository, own_path = tree.origin(path)
                found[repository][own_path] = file
    return found


def _judged(tree: Tree, synced: Synced, result: Build, file: SopsFile, keys: ClusterKeys) -> Iterator[FileFinding]:
    objects = [item for item in result.objects if item.file == file.path]
    repository, path = tree.origin(file.path)
    if objects and all(map(_keeps_encrypted, objects)):
        return
    if file.hides_metadata or (objects and not file.is_object):
        told = Message(
            "is encrypted including its kind and name",
            "Flux could not identify the object.",
            "Decrypt it, write `encrypted_regex: ^(data|stringData)$` in its rule in .sops.yaml, and encrypt it again.",
        )
        yield error(requirements.ENCRYPTED_METADATA, repository, path, told)
    if file.path in result.other_inputs:
        told = Message(
            f"is encrypted and goes into a ConfigMap ({result.other_inputs[file.path]})",
            "Flux does not decrypt it there, so the application would get the cipher text.",
            "Use a secretGenerator.",
        )
        yield error(requirements.NOT_DECRYPTED, repository, path, told)
        return
    if synced.decrypts and objects and file.by_comments:
        told = Message(
            f"is encrypted by {file.by_comments}",
            "Flux decrypts objects without their comments, and so does not know which values are encrypted: "
            f"{synced} would fail, or apply the encrypted text.",
            "Decrypt it, write `encrypted_regex: ^(data|stringData)$` in its rule in .sops.yaml, and encrypt it again. "
            "Put values of a HelmRelease into a Secret, and name that in `valuesFrom`.",
        )
        yield error(requirements.DECRYPTED_OTHERWISE, repository, path, told)
    if not synced.decrypts:
        told = Message(
            f"is encrypted, but {synced} applies it without decrypting",
            _without_decryption(synced, objects, into_secret=file.path in result.secret_inputs),
            "Write `decryption: {provider: sops}` in its spec, or let its parent `inherit: [decryption]`.",
        )
        yield error(requirements.NOT_DECRYPTED, repository, path, told)
        return
    if uses_keys_of_the_stack(synced):
        yield from _readable(repository, synced, replace(file, path=path), keys)


def _without_decryption(synced: Synced, objects: Sequence[BuiltObject], *, into_secret: bool) -> str:
    """What kustomize-controller 1.9 does (its `apply`, after fluxcd/pkg's `normalize`).

    It refuses a Secret with SOPS's metadata, but first reads each object of a built-in kind as that kind, which drops these metadata.
    Only a Secret with cipher text under `data` cannot be read, since that is no base64, and so keeps them.
    """
    if any(_is_secret(item) and has_cipher(mapping(item.body, "data")) for item in objects):
        return f"kustomize-controller refuses such a Secret: all of {synced} would fail."
    if all(_is_secret(item) for item in objects) if objects else into_secret:
        return f"Flux would put the cipher text into a Secret as it is, and report {synced} as ready."
    return "Flux would apply the cipher text as it is, or the API server would refuse it."


def _is_secret(item: BuiltObject) -> bool:
    return item.kind == "Secret" and not item.group


def _readable(repository: str, synced: Synced, file: SopsFile, keys: ClusterKeys) -> Iterator[FileFinding]:
    staying = frozenset(keys.staying.values()) | keys.others | (CLOUD_KEYS if has_service_account(synced) else frozenset())
    if file.is_read_by(staying):
        return
    leaving = {name: recipient for name, recipient in keys.leaving.items() if recipient in file.recipients}
    newest = keys.newest
    grouped = len(file.groups) > 1 and not file.one_by_one
    where = f" (into key groups: {file.threshold} of {len(file.groups)} are needed)" if grouped else ""
    update = f"{ALONE}, then run `sops updatekeys` on each" if file.one_by_one else f"run `sops updatekeys {quote(file.path)}`"
    mend = f'put the recipient of "{newest}" into .sops.yaml{where}, {update}' if newest else "add a key to gitops:age.keys"
    if leaving and file.is_read_by(staying | frozenset(leaving.values())):
        named = " or ".join(f'"{name}"' for name in sorted(leaving))
        only = f"cannot be read without {named}" if len(file.groups) > 1 else f"can be read only by {named}"
        told = Message(
            f"{only}, which is to be removed",
            f"{synced} would fail without it.",
            f"Keep the key, {mend}, push, and check again. If the key was disclosed, old commits can still be read with it: "
            "run `sops rotate` as well, and change the secret values.",
        )
        yield error(requirements.NEEDS_REMOVED_KEY, repository, file.path, told)
        return
    not_given = [each for each in file.others if each not in staying]
    also = f" (except for {', '.join(not_given)}, which the cluster does not have)" if not_given else ""
    too_few = f"in too few of its {'key groups' if grouped else 'documents'} for a key of this cluster"
    for_whom = too_few if len(file.groups) > 1 else "for no key of this cluster"
    told = Message(f"is encrypted {for_whom}{also}", f"All of {synced} would fail.", f"As someone who can read it, {mend}, and push.")
    yield error(requirements.UNREADABLE, repository, file.path, told)


def uses_keys_of_the_stack(synced: Synced) -> bool:
    """Whether a Kustomization decrypts with the stack's own age keys."""
    return synced.decrypts and not uses_keys_of_others(synced)


def uses_keys_of_others(synced: Synced) -> bool:
    """Whether it names a Secret with keys that the stack does not create, so its content is unknown here."""
    named = text(synced.spec, "decryption", "secretRef", "name")
    return bool(named) and (named, synced.namespace) != (SOPS_AGE_SECRET, FLUX_NAMESPACE)


def has_service_account(synced: Synced) -> bool:
    """Whether it decrypts with its own ServiceAccount, which a cloud's key service may know."""
    return bool(mapping(synced.spec, "decryption").get("serviceAccountName"))


def _looks_elsewhere(synced: Synced) -> bool:
    """Whether it names the stack's Secret, but from a namespace in which the stack makes none."""
    return (
        synced.decrypts and synced.namespace != FLUX_NAMESPACE and text(synced.spec, "decryption", "secretRef", "name") == SOPS_AGE_SECRET
    )
