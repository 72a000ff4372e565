"""A CRD that accepts less than before is to decide; one that accepts more, or says it in other words, is not."""

from typing import Any

import pytest

from gitops.compare.decisions.of_definitions import decisions_of_definitions, fields_that_accept_less
from gitops.compare.stack_pair import Body
from tests.gitops.compare.test_what_opens import body, pair


def definition(name: str = "gitrepositories", *, stored: str = "v1", **spec: Any) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": spec}}}}
    versions = [{"name": each, "served": True, "storage": each == stored, "schema": schema} for each in ("v1", "v1beta2")]
    made = body("CustomResourceDefinition", f"{name}.source.toolkit.fluxcd.io", spec={"versions": versions})
    return {**made, "apiVersion": "apiextensions.k8s.io/v1"}


TEXT: dict[str, Any] = {"type": "string"}


@pytest.mark.parametrize(
    ("before", "after", "is_less"),
    [
        ({"a": TEXT}, {}, True),
        ({"a": TEXT}, {"a": {"type": "integer"}}, True),
        ({"a": TEXT}, {"a": {**TEXT, "pattern": "^a$"}}, True),
        ({"a": TEXT}, {"a": {**TEXT, "enum": ["x"]}}, True),
        ({"a": {**TEXT, "enum": ["x", "y"]}}, {"a": {**TEXT, "enum": ["x"]}}, True),
        ({"a": {**TEXT, "default": "x"}}, {"a": {**TEXT, "default": "y"}}, True),
        ({"a": {"type": "object", "properties": {}}}, {"a": {"type": "object", "properties": {}, "required": ["b"]}}, True),
        ({"a": {"type": "object", "required": ["b"]}}, {"a": {"type": "object", "required": ["b", "c"]}}, True),
        ({"a": TEXT}, {"a": {**TEXT, "x-kubernetes-validations": [{"rule": "self != ''"}]}}, True),
        ({"a": {**TEXT, "enum": ["x"]}}, {"a": {**TEXT, "enum": ["x", "y"]}}, False),
        ({"a": {**TEXT, "pattern": "^a$"}}, {"a": TEXT}, False),
        ({"a": {"type": "object", "required": ["b", "c"]}}, {"a": {"type": "object", "required": ["b"]}}, False),
        ({"a": TEXT}, {"a": TEXT, "b": {**TEXT, "pattern": "^a$"}}, False),
        ({"a": {**TEXT, "description": "one"}}, {"a": {**TEXT, "description": "another"}}, False),
        ({"description": TEXT}, {"description": {"type": "integer"}}, True),
        ({"description": TEXT}, {}, True),
    ],
)
def test_what_accepts_less(before: dict[str, Any], after: dict[str, Any], is_less: bool) -> None:
    assert bool(fields_that_accept_less(definition(**before), definition(**after))) is is_less


def test_all_of_them_have_one_sentence_and_another_stored_version_has_one_of_its_own() -> None:
    names = ("buckets", "gitrepositories")
    old: list[Body] = [definition(name, a=TEXT) for name in names]
    new: list[Body] = [definition("buckets", stored="v1beta2"), definition("gitrepositories")]
    stores, accepts = decisions_of_definitions(pair(old, new))

    assert stores.text.plain == (
        "CRD buckets stores objects as v1beta2 instead of v1 from their next write on: a Flux that does not serve v1beta2 can then "
        "no longer be installed"
    )
    assert accepts.text.plain == (
        "Some fields may accept fewer values, or have different defaults: buckets (spec.a); gitrepositories (spec.a). "
        "Stored objects keep running, but applying one that no longer fits is refused. "
        "This stack's own objects fit; gitops check finds those in Git that do not"
    )
