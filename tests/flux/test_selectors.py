"""Which objects a patch selects: labels as kubectl does, names as kustomize does."""

import pytest

from flux.patching.selectors import has_labels, is_selected


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("", True),
        ("a=b", True),
        ("a == b, c", True),
        ("a!=b", False),
        ("a in (b, x),c notin (y)", True),
        ("a notin (b)", False),
        ("d notin (true)", True),
        ("!a", False),
        ("!d", True),
        ("d", False),
    ],
)
def test_labels_are_selected_as_kubectl_does(selector: str, selected: bool) -> None:
    assert has_labels(selector, {"a": "b", "c": ""}) is selected


def test_names_of_a_selector_are_whole_expressions() -> None:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "app"}}
    assert is_selected({"name": "a.*"}, body)
    assert not is_selected({"name": "ap"}, body)
    assert not is_selected({"name": "("}, body), "what is no expression is a name"
