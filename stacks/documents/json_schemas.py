"""What is generated from the models: the JSON Schemas for editors, and the reference page.

`python -m stacks.documents.json_schemas` writes them; a test fails if one of them differs from the models.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flux.keys.key_services import KEY_SERVICES
from stacks.contract.catalog import Catalog
from stacks.contract.credentials.every_type import CREDENTIAL_TYPES
from stacks.contract.stack import Stack
from stacks.contract.url_texts import HOST_URL_PATTERN
from stacks.documents.reference import reference_page

REPOSITORY = Path(__file__).parents[2]
DRAFT = "http://json-schema.org/draft-07/schema#"
"""What yaml-language-server understands whole."""

Schema = dict[str, Any]

FROM_ENVIRONMENT: Schema = {
    "description": "A value from the environment in which the program runs; in development only.",
    "type": "object",
    "properties": {"env": {"type": "string", "pattern": "^GITOPS_DEV_"}},
    "required": ["env"],
    "additionalProperties": False,
}
SECRET: Schema = {
    "description": "Written by `pulumi config set --secret`.",
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}
KEYS_OF_SECRETS = "^gitops:(kubeconfig|age-.+|pgp-.+|sops-({services})|.+-({fields}))$".format(
    services="|".join(KEY_SERVICES),
    fields="|".join(dict.fromkeys(field for model in CREDENTIAL_TYPES for field in model.SECRETS)),
)
KEYS_OF_OTHERS = r"^(?!gitops:)[^:]+:.+$"
PLAIN_ONLY = ("gitops:environment", "type")
"""Keys that decide how the rest is read, and so cannot come from the environment."""


def stack_schema() -> Schema:
    """The schema of a whole Pulumi.<stack>.yaml."""
    model = _tidied(Stack.model_json_schema(by_alias=True))
    definitions = {name: _with_environment(each) for name, each in model["$defs"].items()}
    properties = {f"gitops:{key}": each for key, each in model["properties"].items()}
    return {
        "$schema": DRAFT,
        "title": "A cluster: Pulumi.<stack>.yaml",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": _with_environment({"properties": properties})["properties"],
                "patternProperties": {KEYS_OF_SECRETS: {"$ref": "#/$defs/Secret"}, KEYS_OF_OTHERS: {}},
                "required": [f"gitops:{key}" for key in model["required"]],
                "additionalProperties": False,
            },
            "environment": {"description": "Of Pulumi ESC, which only the CLI reads: other commands know what is in `config`."},
            "encryptionsalt": {"type": "string", "description": "The CLI's; never written by hand."},
            "secretsprovider": {"type": "string", "description": "The CLI's: where the key of the secrets is; absent with a passphrase."},
            "encryptedkey": {"type": "string", "description": "The CLI's; never written by hand."},
        },
        "required": ["config"],
        "additionalProperties": False,
        "$defs": {**definitions, "FromEnvironment": FROM_ENVIRONMENT, "Secret": SECRET},
    }


def catalog_schema() -> Schema:
    """The schema of catalog.yaml."""
    model = _tidied(Catalog.model_json_schema(by_alias=True))
    for entry in ("GitEntry", "HelmEntry", "OciEntry"):
        model["$defs"][entry]["oneOf"] = [{"required": ["from"]}, {"required": ["url"]}]
    (pattern,) = model["properties"]["helm"]["patternProperties"]
    bare_url = {"type": "string", "pattern": HOST_URL_PATTERN, "description": "Short for {url: …}."}
    model["properties"]["helm"]["patternProperties"][pattern] = {"anyOf": [bare_url, {"$ref": "#/$defs/HelmEntry"}]}
    return {"$schema": DRAFT, "title": "The organisation's catalog: catalog.yaml", **model}


def _tidied(schema: Any) -> Any:
    """Without generated titles and `default: null`; unknown names refused; what is next to a `$ref` kept in draft 7, too."""
    if isinstance(schema, list):
        return [_tidied(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    tidied: Schema = {}
    for key, value in schema.items():
        if key in ("properties", "patternProperties", "$defs"):
            tidied[key] = {name: _tidied(each) for name, each in value.items()}
        elif key in ("default", "examples", "enum", "const", "required"):
            tidied[key] = value
        elif key not in ("title", "discriminator"):
            tidied[key] = _tidied(value)
    if tidied.get("default", 0) is None:
        del tidied["default"]
    if "patternProperties" in tidied:
        tidied.setdefault("additionalProperties", False)
    if "$ref" in tidied and len(tidied) > 1:
        tidied["allOf"] = [{"$ref": tidied.pop("$ref")}]
    if "description" in tidied:
        tidied["description"] = re.sub(r"\s+", " ", tidied["description"])
    return tidied


def _with_environment(schema: Any, key: str = "") -> Any:
    """`schema`, and `{env: NAME}` wherever it wants a text."""
    if isinstance(schema, list):
        return [_with_environment(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if schema.get("type") == "string" and key not in PLAIN_ONLY:
        own = {name: value for name, value in schema.items() if name in ("description", "default", "examples")}
        text = {name: value for name, value in schema.items() if name not in own}
        return {**own, "anyOf": [text, {"$ref": "#/$defs/FromEnvironment"}]}
    changed: Schema = {}
    for name, value in schema.items():
        if name in ("properties", "patternProperties"):
            changed[name] = {each: _with_environment(inner, each) for each, inner in value.items()}
        elif name in ("items", "additionalProperties", "anyOf", "oneOf", "allOf"):
            changed[name] = _with_environment(value)
        else:
            changed[name] = value
    return changed


def documents(stack_example: str, catalog_example: str) -> dict[str, str]:
    """File → its content."""
    return {
        "schema/stack.schema.json": _json(stack_schema()),
        "schema/catalog.schema.json": _json(catalog_schema()),
        "docs/reference.md": reference_page(stack_example, catalog_example),
    }


def _json(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def examples() -> tuple[str, str]:
    """The complete examples with which the reference page opens."""
    folder = REPOSITORY / "docs" / "examples"
    return (folder / "Pulumi.example.yaml").read_text(encoding="utf-8"), (folder / "catalog.yaml").read_text(encoding="utf-8")


def main() -> None:
    """Write every document."""
    for name, content in documents(*examples()).items():
        file = REPOSITORY / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
