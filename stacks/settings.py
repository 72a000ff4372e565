"""A cluster's settings: everything that a run is given, read, resolved and checked."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.age_keys import AgeKey
from components.source_credential import SourceCredentialArgs
from stacks.catalog import choose
from stacks.catalog_model import Catalog
from stacks.checks import check_defaults, check_objects
from stacks.choice import Chosen
from stacks.credentials import read_credentials, read_key_services, secret_entries
from stacks.installation import Installation, resolve_installation
from stacks.model import Stack
from stacks.policies import check_stack_file
from stacks.problems import Problem, StackProblems
from stacks.reader import PROJECT_DIRECTORY, Reader
from stacks.validation import Locate, validate
from stacks.yaml_file import KeyPath, dotted, line_of, read_yaml

CATALOG_FILE = PROJECT_DIRECTORY / "stacks" / "catalog.yaml"


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


def load_settings() -> Settings:
    """Read, resolve and check everything. Raises StackProblems with all that is wrong, before any resource exists."""
    problems: list[Problem] = []
    reader = Reader(problems)
    stack = _stack(reader, problems)
    catalog, locate_catalog = _catalog(problems)
    if stack is not None:
        reader.check_keys(stack)
        problems += [Problem(reader.locate(violation.path), violation.text) for violation in check_stack_file(stack)]
    if stack is None or catalog is None:
        raise StackProblems(problems)
    chosen = choose(catalog, stack, locate_catalog, reader.locate, problems)
    installation = resolve_installation(stack, reader.offline_manifests, reader.locate, problems)
    credentials = read_credentials(stack, chosen, reader.secret, problems)
    if installation is not None:
        check_objects(chosen, stack, installation, secret_entries(credentials), reader.locate, problems)
        check_defaults(catalog, installation, locate_catalog, problems)
    age_keys = [
        AgeKey(name=name, identity=reader.age_identity(name) if origin == "supplied" else None) for name, origin in stack.age.keys.items()
    ]
    key_services = read_key_services(stack, reader.secret, problems)
    kubeconfig = reader.kubeconfig(stack.cluster)
    if problems or installation is None:
        raise StackProblems(problems)
    return Settings(
        stack=stack,
        kubeconfig=kubeconfig,
        installation=installation,
        age_keys=age_keys,
        key_services=key_services,
        credentials=credentials,
        chosen=chosen,
    )


def _stack(reader: Reader, problems: list[Problem]) -> Stack | None:
    values = reader.values()
    told = {problem.where for problem in problems}
    faults: list[Problem] = []
    stack = validate(Stack, values, reader.locate, faults)
    problems += [fault for fault in faults if fault.where not in told]  # what a place lacks is said once
    return stack


def _catalog(problems: list[Problem]) -> tuple[Catalog | None, Locate]:
    value: Any
    value, lines = read_yaml(CATALOG_FILE, "stacks/catalog.yaml")

    def locate(path: KeyPath) -> str:
        line = line_of(lines, path)
        return f"stacks/catalog.yaml{f':{line}' if line else ''} {dotted(path)}"

    return validate(Catalog, value or {}, locate, problems), locate
