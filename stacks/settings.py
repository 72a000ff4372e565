"""A cluster's settings: everything that a run is given, read, resolved and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.age_keys import AgeKey
from components.source_credential import SourceCredentialArgs
from flux.object_reference import ObjectReference
from flux.owners_mark import OwnersMark
from stacks.choosing.choose import choose
from stacks.choosing.chosen import Chosen
from stacks.choosing.installation import Installation, resolve_installation
from stacks.choosing.unused_groups import left_to_nobody
from stacks.contract.catalog import Catalog
from stacks.contract.names import CATALOG
from stacks.contract.stack import Stack
from stacks.inputs.config import StackConfig
from stacks.inputs.config_secrets import ConfigSecrets
from stacks.inputs.groups_of_other_stacks import used_by_no_other
from stacks.inputs.pinned_cluster import PinnedCluster
from stacks.inputs.project_directory import project_directory
from stacks.inputs.unknown_secret import unknown_secret
from stacks.judging.age_recipients import check_age_keys, check_recipients_differ
from stacks.judging.check_objects import check_defaults, check_objects
from stacks.judging.other_owners import check_take_over
from stacks.judging.patched_objects import check_patched_objects
from stacks.judging.policies import check_stack_file
from stacks.judging.removed_keys import check_against_record
from stacks.judging.stack_warnings import tell_stack_warnings
from stacks.judging.written_secrets import check_rest_of_file, check_written_secrets
from stacks.reading.document import Document
from stacks.reading.moved_files import moved_files
from stacks.reading.record_file import RecordFile
from stacks.reading.set_aside import SetAside
from stacks.reading.validation import Validated, validate
from stacks.reading.yaml_file import A_CATALOG, read_what_there_is, whole_text
from stacks.secrets.entries import read_credentials, read_key_services, secret_entries
from stacks.words import log
from stacks.words.place import KeyPath, PlaceOf
from stacks.words.problems import Problem, StackProblems

_STAND_INS: dict[KeyPath, Any] = {
    ("environment",): "development",
    ("cluster",): {"name": "unknown", "context": "unknown"},
    ("cluster", "name"): "unknown",
    ("cluster", "context"): "unknown",
    ("flux",): {"manifests": "."},
    ("flux", "manifests"): ".",
    ("use",): ["unknown"],
}
"""What replaces a required key that is missing or faulty, so that the rest of the stack file can be judged. Nothing is built of it."""
_KEYS = (("age",), ("decryption",), ("flux", "flags"))
"""What says which keys the cluster has: while one of them is faulty, it is unknown whether a file is still readable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A cluster as plain values and component arguments; the only Outputs in it are secrets."""

    stack: Stack
    stack_name: str
    """As Pulumi has it: `production`."""
    project_name: str
    """The same of the project."""
    mark: OwnersMark
    """Whose everything is that it makes."""
    kubeconfig: pulumi.Input[str] = field(repr=False)
    cluster: PinnedCluster | None = field(repr=False)
    """The cluster, as the kubeconfig leads to it; None in a preview without one."""
    preview: bool
    place: PlaceOf
    """Where the stack file says, or would say, what stands under a key."""
    installation: Installation
    age_keys: list[AgeKey]
    recipients: Mapping[str, str]
    """Name of a supplied key → its recipient, where it is known."""
    key_services: dict[str, pulumi.Input[str]] = field(repr=False)
    """Entry of the Secret `sops-age` → what logs in to a key service."""
    credentials: dict[str, SourceCredentialArgs]
    """By name: the credentials, and the Secrets with the certificates of hosts."""
    chosen: Chosen
    cluster_uid: str | None = None
    """UID of the Namespace kube-system of that cluster, where it is known."""
    retained: frozenset[ObjectReference] = frozenset()
    """What stays in the cluster on destroy, because somebody else had made it."""
    restored: Mapping[ObjectReference, Callable[[Mapping[str, Any]], None]] = field(default_factory=dict)
    """Secret that the cluster lost or others changed → what sets it back, called with its body."""
    finish: Callable[[], None] | None = None
    """What is done once everything is applied; None in a preview, and where nothing is."""
    former_release: str | None = None
    """Of Flux, in the cluster before this run; None where there is none, or it is not known."""
    check_record: RecordFile
    """Where `gitops check` records what it saw."""


def load_settings(*, offline: bool = False, against_record: bool = True, machines_record: bool = True) -> Settings:
    """Read, resolve and check everything. Raises StackProblems with all that is wrong, before any resource exists.

    `offline`: for commands, which need no cluster and install nothing: neither the kubeconfig nor a signature is looked at.
    `against_record`: refuse to remove a key that is still needed, as the record of `gitops check` has it; not for what writes it.
    `machines_record`: also by a record that the environment names. It is of this moment, and not of the files that are read.
    """
    problems: list[Problem] = []
    config = StackConfig(problems)
    secrets = ConfigSecrets(config, problems)
    stack = validate(Stack, config.document(), problems, aside=config.aside, stand_ins=_STAND_INS)
    catalog = _catalog(stack.model.check_record if stack else None, problems)
    if stack is None:
        raise StackProblems(problems)
    config.check_keys(stack.model)
    mark = OwnersMark.of(config.project_name, config.stack_name, stack.model.cluster.name)
    for document in (stack.document, *([catalog.document] if catalog else [])):
        check_written_secrets(document, problems)
        check_rest_of_file(whole_text(project_directory() / document.places.here.file), document.places, problems)
    refused = [finding for finding in check_stack_file(stack.model) if not stack.aside.touches(*finding.path)]
    problems += [Problem(stack.place(*finding.path), finding.message) for finding in refused]
    check_take_over(stack, problems)
    installation = resolve_installation(stack, secrets.offline_manifests, problems, mark, verify=not offline)
    if installation is not None:
        check_patched_objects(stack, installation, problems)
    chosen = choose(catalog, stack, problems, mark) if catalog is not None else Chosen()
    credentials = read_credentials(stack.model, chosen, secrets, problems, mark)
    if catalog is not None and installation is not None:
        check_objects(chosen, stack, installation, secret_entries(credentials), problems)
        check_defaults(catalog, installation, problems)
    supplied = {name: secrets.age_identity(name, declared) for name, declared in stack.model.age.supplied.items()}
    recipients = {name: recipient for name, (_, recipient) in supplied.items() if recipient}
    check_recipients_differ(recipients, stack, problems)
    if installation is not None:
        check_age_keys(stack, recipients, installation.distribution.version, problems)
    age_keys = [
        AgeKey(name=name, identity=supplied[name][0], recipient=stack.model.age.supplied[name]) if name in supplied else AgeKey(name=name)
        for name in stack.model.age.keys
    ]
    key_services = read_key_services(stack.model, secrets, problems)
    cluster = None if offline else secrets.cluster(stack)
    record_file = config.check_record(stack.model)
    is_judged = against_record and (machines_record or record_file.within is not None)
    if is_judged and not any(stack.aside.touches(*path) for path in _KEYS):
        check_against_record(record_file, stack, config.stack_name, recipients, chosen, problems)
    if problems or catalog is None or installation is None:
        raise StackProblems(problems)
    tell_stack_warnings(chosen, stack, catalog)
    if not offline:
        secrets.tell_unknown()
    if secrets.preview and not offline:
        _tell_left_entries(catalog.model, stack.model, config.stack_name)
    return Settings(
        stack=stack.model,
        stack_name=config.stack_name,
        project_name=config.project_name,
        mark=mark,
        kubeconfig=unknown_secret() if cluster is None else pulumi.Output.secret(cluster.kubeconfig),
        cluster=cluster,
        preview=secrets.preview,
        place=stack.place,
        installation=installation,
        age_keys=age_keys,
        recipients=recipients,
        key_services=key_services,
        credentials=credentials,
        chosen=chosen,
        check_record=record_file,
    )


def _tell_left_entries(catalog: Catalog, stack: Stack, name: str) -> None:
    """An entry whose group is misspelt or copied from elsewhere would be left out without a word."""
    if told := left_to_nobody(catalog, stack, lambda groups: used_by_no_other(groups, name)):
        log.info(told)


def _catalog(record: str | None, problems: list[Problem]) -> Validated[Catalog] | None:
    """The catalog, as far as it is valid; None if it cannot be read, or is where it is no longer read."""
    file = project_directory() / CATALOG
    moved = moved_files(file.parent, record)
    problems += [moved] if moved else []
    if moved and not file.is_file():
        return None
    document = read_what_there_is(file, CATALOG, A_CATALOG, problems)
    if document is None:
        return None
    whole = document if document.value is not None else Document({}, document.places)
    return validate(Catalog, whole, problems, aside=SetAside())
