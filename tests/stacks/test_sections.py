"""The catalog's sections stand in one table, and whatever else must know all of them agrees with it."""

import re
from typing import Any, Optional, get_args, get_origin

from stacks.choosing.sections import SECTIONS
from stacks.choosing.source_secrets import CREDENTIAL_KEYS
from stacks.contract.catalog import Catalog, CatalogEntry
from stacks.contract.section_names import NAMED_SECTIONS, EntryKind, NamedSection, SectionName
from stacks.contract.texts import ObjectName, OverrideTarget
from tests.stacks.test_catalog import BUCKET, choice


def names_of(union: Any) -> set[str]:
    return {name for member in get_args(union) for name in (get_args(member) or (member,))}


def test_every_section_of_the_model_is_in_the_table() -> None:
    assert set(SECTIONS) == names_of(SectionName) == set(Catalog.model_fields) - {"hosts", "defaults"}


def test_every_kind_is_made_by_a_section() -> None:
    made = [kind for section in SECTIONS.values() for kind in section.kinds]

    assert set(made) == set(get_args(EntryKind))
    assert [kind for kind in set(made) if made.count(kind) > 1] == ["OCIRepository"], "of charts, and of manifests"


def test_sections_with_names_are_those_that_a_stack_can_override() -> None:
    named = {name for name, field in Catalog.model_fields.items() if name in SECTIONS and get_origin(field.annotation) is dict}
    pattern = next(each.pattern for each in get_args(OverrideTarget) if hasattr(each, "pattern"))

    assert named == set(NAMED_SECTIONS) == set(get_args(NamedSection))
    assert {name for name in SECTIONS if re.search(pattern, f"{name}/x")} == named


def test_what_an_entry_says_by_its_name_is_a_credential_of_the_stack() -> None:
    # Nothing else that an entry refers to is a name alone: so none of them goes unchecked in a new section.
    fields = [field for entry in get_args(CatalogEntry) for field in entry.model_fields.items()]
    names = {key for key, field in fields if field.annotation == Optional[ObjectName]}

    assert names == set(CREDENTIAL_KEYS)


def test_each_kind_of_a_section_had_a_component_of_its_own_in_older_states() -> None:
    bodies = choice({"objects": [{"object": BUCKET}]}, use=["base", "ml"]).bodies
    components = {body.kind: body.formerly.component for body in bodies}

    assert components == {
        "GitRepository": "GitSource",
        "HelmRepository": "HelmSource",
        "OCIRepository": "OciSource",
        "Kustomization": "FluxKustomization",
        "Bucket": "FluxObject",
    }
    assert {body.formerly.name for body in bodies if body.kind == "Bucket"} == {"bucket-models"}
