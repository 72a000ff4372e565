"""A cluster's settings: everything that a run is given, read, resolved and checked."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.age_keys import AgeKey
from components.source_credential import SourceCredentialArgs
from stacks.choosing.choice import Chosen
from stacks.choosing.choose import choose
from stacks.choosing.installation import Installation, resolve_installation
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.inputs.config import PROJECT_DIRECTORY, Reader
from stacks.inputs.unknown_secret import unknown_secret
from stacks.judging.age_keys import check_age_keys, check_recipients_differ
from stacks.judging.objects import check_defaults, check_objects
from stacks.judging.policies import check_stack_file
from stacks.judging.removed_keys import RecordFile, check_against_record
from stacks.reading.set_aside import SetAside
from stacks.reading.validation import Locate, validate
from stacks.reading.yaml_file import line_of, read_what_there_is
from stacks.secrets.entries import read_credentials, read_key_services, secret_entries
from stacks.words.place import KeyPath, dotted
from stacks.words.problems import Problem, StackProblems

CATALOG = "catalog.yaml"
CATALOG_FILE = PROJECT_DIRECTORY / CATALOG
_STAND_INS: dict[KeyPath, Any] = {
    ("environment",): "development",
    ("cluster",): {"name": "unknown", "context": "unknown"},
    ("cluster", "name"): "unknown",
    ("cluster", "context"): "unknown",
    ("flux",): {"manifests": "."},
    ("flux", "manifests"): ".",
    ("use",): ["unknown"],
}
"""What stands for a required key that is missing or faulty, so that the rest of the stack file can be judged. Nothing is built of it."""
_KEYS = (("age",), ("decryption",), ("flux", "flags"))
"""What says which keys the cluster has: while one of them is faulty, nobody can say whether a file is still readable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A cluster as plain values and component arguments; the only Outputs in it are secrets."""

    stack: Stack
    kubeconfig: pulumi.Input[str]
    installation: Installation
    age_keys: list[AgeKey]
    key_services: dict[str, pulumi.Input[str]]
    """Entry of the Secret `sops-age` → what logs in to a key service."""
    credentials: dict[str, SourceCredentialArgs]
    """By name: the credentials, and the Secrets with the certificates of hosts."""
    chosen: Chosen
    check_record: RecordFile
    """Where `gitops check` records what it saw."""


def load_settings(*, for_check: bool = False) -> Settings:
    """Read, resolve and check everything. Raises StackProblems with all that is wrong, before any resource exists.

    `for_check`: for `gitops check`, which needs no cluster, and writes the record that is read here otherwise.
    """
    problems: list[Problem] = []
    reader = Reader(problems)
    stack = validate(Stack, reader.values(), reader.locate, problems, aside=reader.aside, stand_ins=_STAND_INS)
    catalog, catalog_aside, locate_catalog = _catalog(problems)
    if stack is None:
        raise StackProblems(problems)
    reader.check_keys(stack)
    refused = [finding for finding in check_stack_file(stack) if not reader.aside.touches(*finding.path)]
    problems += [Problem(reader.locate(finding.path), finding.message) for finding in refused]
    installation = resolve_installation(stack, reader.offline_manifests, reader.locate, problems, reader.aside)
    chosen = Chosen()
    if catalog is not None:
        asides = {"catalog_aside": catalog_aside, "stack_aside": reader.aside}
        chosen = choose(catalog, stack, locate_catalog, lambda path: reader.locate(reader.aside.written(path)), problems, **asides)
    credentials = read_credentials(stack, chosen, reader, problems)
    if catalog is not None and installation is not None:
        check_objects(chosen, stack, installation, secret_entries(credentials), reader.locate, problems)
        check_defaults(catalog, installation, locate_catalog, problems)
    supplied = {name: reader.age_identity(name, declared) for name, declared in stack.age.supplied.items()}
    recipients = {name: recipient for name, (_, recipient) in supplied.items() if recipient}
    check_recipients_differ(recipients, reader.locate, problems)
    if installation is not None:
        check_age_keys(stack, recipients, installation.distribution.version, reader.locate, problems)
    age_keys = [
        AgeKey(name=name, identity=supplied[name][0], recipient=stack.age.supplied[name]) if name in supplied else AgeKey(name=name)
        for name in stack.age.keys
    ]
    key_services = read_key_services(stack, reader, problems)
    kubeconfig = unknown_secret() if for_check else reader.kubeconfig(stack.cluster)
    record_file = reader.check_record(stack)
    if not for_check and not any(reader.aside.touches(*path) for path in _KEYS):
        check_against_record(record_file, stack, reader.stack_name, recipients, chosen, reader.locate, problems)
    if problems or catalog is None or installation is None:
        raise StackProblems(problems)
    return Settings(
        stack=stack,
        kubeconfig=kubeconfig,
        installation=installation,
        age_keys=age_keys,
        key_services=key_services,
        credentials=credentials,
        chosen=chosen,
        check_record=record_file,
    )


def _catalog(problems: list[Problem]) -> tuple[Catalog | None, SetAside, Locate]:
    """The catalog, what of it was set aside, and where a person finds what stands in the rest."""
    aside = SetAside()
    value, lines = read_what_there_is(CATALOG_FILE, CATALOG, problems)

    def locate(path: KeyPath) -> str:
        line = line_of(lines or {}, path)
        return f"{CATALOG}{f':{line}' if line else ''} {dotted(path)}".rstrip()

    catalog = validate(Catalog, {} if value is None else value, locate, problems, aside=aside) if lines is not None else None
    return catalog, aside, lambda path: locate(aside.written(path))
