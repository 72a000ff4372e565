"""docs/reference.md: every key that people write, from the models that read it."""

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from flux.requirement import EVERYWHERE
from flux.rules.rule import Rule
from stacks.contract.catalog import Catalog
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.every_type import CREDENTIAL_TYPES
from stacks.contract.names import SECRET_VARIABLE
from stacks.contract.stack import Stack, secret_environment_variable
from stacks.contract.text_kinds import Named, TextKind
from stacks.judging.policies import policies
from stacks.reading.model_walk import Model, keys_of, models_in

HEADER = "<!-- Written by `make schema` from the models in stacks/, stacks/judging/policies.py and flux/rules; do not edit. -->"


def reference_page(stack_example: str, catalog_example: str) -> str:
    """The page as Markdown."""
    return "\n".join(
        [
            HEADER,
            "",
            "# Reference",
            "",
            "The keys of a stack file (`Pulumi.<stack>.yaml`) and of the catalog (`catalog.yaml`). Any other key is",
            "refused. `spec` is Flux's spec verbatim, and is checked against the CRDs of the Flux release that the stack installs.",
            "Editors check both files against `schema/stack.schema.json` and `schema/catalog.schema.json`.",
            "",
            "## A complete example",
            "",
            "A stack file with every key:",
            "",
            f"```yaml\n{stack_example.rstrip()}\n```",
            "",
            "And a catalog with every key:",
            "",
            f"```yaml\n{catalog_example.rstrip()}\n```",
            "",
            "## Stack file",
            "",
            "Write each key under `config:`, with the prefix `gitops:`. In development, `{env: NAME}` instead of a text reads it from the",
            "environment. NAME begins with `GITOPS_DEV_`, so that a stack file cannot read other variables of the person who previews it.",
            "",
            *_tables(Stack, "gitops"),
            "### Secrets",
            "",
            "Each secret has its own key, set with `pulumi config set --secret`. If the stack file lacks it, it is read from the",
            "environment variable. A preview needs none of them. The command also removes blank lines from the stack file, and writes",
            "`true` and `false` in quotes, which means the same.",
            "",
            "| key | environment variable | what for |",
            "|---|---|---|",
            "| `gitops:age-<name>` | `GITOPS_SECRET_AGE_<NAME>` | a `supplied` age key: the identity, `AGE-SECRET-KEY-…`, or a whole "
            "age-keygen file |",
            *_secrets_of_credentials(),
            "| `gitops:sops-<service>` | `GITOPS_SECRET_SOPS_<SERVICE>` | the login of one of `decryption.keyServices` |",
            "| `gitops:kubeconfig` | `GITOPS_SECRET_KUBECONFIG` | with `cluster.kubeconfig: secret` |",
            "",
            "## Catalog",
            "",
            *_tables(Catalog, "catalog"),
            "## Rules",
            "",
            "These rules check what a CRD cannot express. A preview checks the stack file and the stack's objects against them. A rule",
            "that names environments applies only there. `gitops check` checks what Git brings against the rules that look at Git.",
            "",
            "| rule | looks at | environments | what it requires | why |",
            "|---|---|---|---|---|",
            *_rules(),
            "",
        ]
    )


def _secrets_of_credentials() -> Iterator[str]:
    for model in CREDENTIAL_TYPES:
        of_type = get_args(model.model_fields["type"].annotation)[0]
        for field, meaning in model.SECRETS.items():
            variable = secret_environment_variable(field).removeprefix(SECRET_VARIABLE)
            yield f"| `gitops:<credential>-{field}` | `{SECRET_VARIABLE}<CREDENTIAL>_{variable}` | of type `{of_type}`: {meaning} |"


def _rules() -> Iterator[str]:
    from flux.rules import rules  # the page alone needs their texts

    every: list[Rule[Any]] = [*policies(), *rules()]
    for rule in every:
        environments = "all" if rule.environments == EVERYWHERE else ", ".join(rule.environments)
        yield f"| {rule.name} | {rule.looks_at} | {environments} | {_cell(rule.summary)} | {_cell(rule.reason)} |"


def _tables(model: Model, name: str) -> Iterator[str]:
    """The keys of `model`, and below it those of the models that it holds."""
    seen: list[Model] = []
    waiting = [(name, model)]
    while waiting:
        title, current = waiting.pop(0)
        if current in seen:
            continue
        seen.append(current)
        kind = f" of type {get_args(current.model_fields['type'].annotation)[0]}" if "type" in current.model_fields else ""
        yield from (f"### {title}{kind}", "", " ".join((current.__doc__ or "").split()), "", *_uses(current))
        yield from ("| key | type | default | meaning |", "|---|---|---|---|")
        for key, field in keys_of(current).items():
            yield f"| `{key}` | {_type(field.annotation, field)} | {_default(field)} | {_cell(field.description or '')} |"
            waiting += [(f"{title}.{key}", inner) for inner in inner_models(field.annotation)]
        yield ""


def _uses(model: Model) -> Iterator[str]:
    """Where sources can name a credential of this type."""
    if issubclass(model, CredentialModel):
        used = model.uses()
        yield from (f"Flux uses it as {'; '.join(use for use in Use if use in used)}.", "")


def inner_models(annotation: Any) -> Iterator[Model]:
    """The models that an annotation holds, in lists and objects, too."""
    yield from models_in(annotation)
    if get_origin(annotation) in (dict, list):
        yield from inner_models(get_args(annotation)[-1])
    elif get_origin(annotation) is Annotated:
        yield from inner_models(get_args(annotation)[0]) if get_origin(get_args(annotation)[0]) in (dict, list) else ()


def _type(annotation: Any, field: FieldInfo | None = None) -> str:
    named = [each.name for each in (field.metadata if field else ()) if isinstance(each, TextKind | Named)]
    if named:
        return str(named[0])
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return next((each.name for each in arguments[1:] if isinstance(each, TextKind | Named)), _type(arguments[0]))
    if origin in (Union, types.UnionType):
        return " or ".join(_type(each) for each in arguments if each is not type(None))
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in arguments)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"object: {_type(arguments[0])} → {_type(arguments[1])}"
    if list(models_in(annotation)):
        return "object"
    return {str: "text", bool: "`true` or `false`", int: "whole number", Any: "anything"}[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    factory: Any = field.default_factory
    value = factory() if factory is not None else field.default
    if list(models_in(field.annotation)) or value in (None, PydanticUndefined, {}, []):
        return "none"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
