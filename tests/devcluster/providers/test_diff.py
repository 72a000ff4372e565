from typing import Any

import pytest

from devcluster.providers.kubernetes.diff import diff, inputs_of_live, without_ignored
from devcluster.providers.kubernetes.provider_settings import ProviderSettings
from devcluster.providers.property_values import UNKNOWN, Secret

HERE = {"name": "x", "namespace": "here"}


def obj(kind: str = "ConfigMap", version: str = "v1", metadata: Any = None, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": metadata or dict(HERE), **fields}


def live(of: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """What a server makes of an object: more of everything."""
    metadata = {
        **of["metadata"],
        "uid": "1",
        "resourceVersion": "5",
        "annotations": {**of["metadata"].get("annotations", {}), "theirs": "x"},
    }
    return {**of, "metadata": metadata, "status": {"phase": "x"}, "__fieldManager": "m", "__initialApiVersion": "v1", **changed}


def changes(
    old: dict[str, Any], new: dict[str, Any], settings: ProviderSettings | None = None, **state: Any
) -> dict[str, tuple[str, bool]]:
    found = diff(live(old, **state), old, new, settings or ProviderSettings())
    return {path: (one.change, one.replaces) for path, one in found.fields.items()}


def deployment(**spec: Any) -> dict[str, Any]:
    return obj("Deployment", "apps/v1", spec={"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, **spec})


def test_what_only_the_server_or_others_set_is_no_change() -> None:
    assert changes(obj(data={"a": "1"}), obj(data={"a": "1"})) == {}


def test_each_changed_field_is_named_by_its_path() -> None:
    old = obj("Thing", "example.com/v1", spec={"kept": 1, "changed": 1, "removed": 1, "list": [1, 2, 3]})
    new = obj("Thing", "example.com/v1", spec={"kept": 1, "changed": 2, "added": 1, "list": [1, 5]})

    assert changes(old, new) == {
        "spec.changed": ("update", False),
        "spec.removed": ("delete", False),
        "spec.added": ("add", False),
        "spec.list[1]": ("update", False),
        "spec.list[2]": ("delete", False),
    }


def test_a_key_with_dots_is_quoted() -> None:
    new = obj(metadata={**HERE, "annotations": {'a.b/"c"': "1"}})
    assert list(changes(obj(metadata={**HERE, "annotations": {"k": "1"}}), new)) == [
        "metadata.annotations.k",
        'metadata.annotations["a.b/\\"c\\""]',
    ]


def test_true_is_not_one() -> None:
    old, new = (obj("Thing", "example.com/v1", spec={"a": value}) for value in (True, 1))
    assert changes(old, new) == {"spec.a": ("update", False)}


@pytest.mark.parametrize("field", ["name", "namespace"])
def test_another_name_or_namespace_is_another_object_beside_which_the_old_one_may_stay(field: str) -> None:
    old, new = obj(), obj(metadata={**HERE, field: "other"})

    assert changes(old, new) == {f"metadata.{field}": ("update", True)}
    assert not diff(live(old), old, new, ProviderSettings()).delete_before_replace


def test_the_default_namespace_and_none_are_the_same() -> None:
    assert changes(obj(metadata={"name": "x"}), obj(metadata={"name": "x", "namespace": "default"})) == {}


@pytest.mark.parametrize(("mutable", "replaced"), [(False, True), (True, False)])
def test_contents_of_secrets_and_config_maps_replace_unless_mutable(mutable: bool, replaced: bool) -> None:
    settings = ProviderSettings(secret_mutable=mutable, config_map_mutable=mutable)
    secret, changed = obj("Secret", stringData=Secret({"k": "one"})), obj("Secret", stringData=Secret({"k": "two"}))

    assert changes(obj(data={"a": "1"}), obj(data={"a": "2"}), settings) == {"data.a": ("update", replaced)}
    assert changes(secret, changed, settings, stringData=None, data={"k": "b25l"}) == {"stringData.k": ("update", replaced)}
    assert diff(live(secret, data={"k": "b25l"}), secret, changed, settings).delete_before_replace is replaced


def test_the_same_content_written_as_text_or_as_base64_is_no_change() -> None:
    old, new = obj("Secret", stringData={"k": "one"}), obj("Secret", data={"k": "b25l"})
    assert changes(old, new, data={"k": "b25l"}) == {}


def test_another_type_of_a_secret_always_deletes_it_before_it_is_made_anew() -> None:
    old, new, settings = obj("Secret", type="Opaque"), obj("Secret", type="example.com/other"), ProviderSettings(secret_mutable=True)
    assert changes(old, new, settings) == {"type": ("update", True)}
    # what docs/limits.md tells of credentials that become a registry's login
    assert diff(live(old), old, new, settings).delete_before_replace


def test_a_selector_replaces_and_replicas_do_not() -> None:
    new = deployment(replicas=2, selector={"matchLabels": {"a": "c"}})
    assert changes(deployment(), new) == {"spec.replicas": ("update", False), "spec.selector.matchLabels.a": ("update", True)}


def test_an_object_that_was_named_here_makes_its_replacement_first() -> None:
    named = {**HERE, "annotations": {"pulumi.com/autonamed": "true"}}
    old, new = (obj(metadata=named, data={"a": value}) for value in "12")
    found = diff(live(old), old, new, ProviderSettings())

    assert found.replacing
    assert not found.delete_before_replace


def test_quantities_that_the_server_rewrote_are_equal_in_its_own_kinds_alone() -> None:
    old = deployment(limits={"cpu": "1000m", "memory": "1024Mi"})
    state: Any = {"spec": {**old["spec"], "limits": {"cpu": "1", "memory": "1Gi"}}}
    assert changes(old, old, **state) == {}
    drifted: Any = {"spec": {**old["spec"], "limits": {"cpu": "2", "memory": "1Gi"}}}
    assert changes(old, old, **drifted) == {"spec.limits.cpu": ("update", False)}
    thing = obj("Thing", "example.com/v1", spec={"size": "1000m"})
    assert changes(thing, thing, spec={"size": "1"}) == {"spec.size": ("update", False)}


def test_contents_that_look_like_equal_quantities_are_different_contents() -> None:
    assert changes(obj(data={"a": "1k"}), obj(data={"a": "1000"})) == {"data.a": ("update", True)}


def test_an_empty_value_that_the_server_dropped_is_no_change_but_a_new_one_is() -> None:
    old = deployment(paused=False, env=[{"name": "A", "value": ""}])
    state: Any = {"spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "env": [{"name": "A"}]}}
    assert changes(old, old, **state) == {}
    assert changes(deployment(), deployment(minReadySeconds=0)) == {"spec.minReadySeconds": ("add", False)}


def test_what_is_not_known_yet_counts_as_changed() -> None:
    assert changes(obj(data={"a": "1"}), obj(data={"a": UNKNOWN})) == {"data.a": ("update", True)}


def test_ignored_changes_neither_show_nor_replace() -> None:
    old, new = obj(data={"a": "1"}, immutable=False), obj(data={"a": "2"}, immutable=True)
    found = without_ignored(diff(live(old), old, new, ProviderSettings()), ["data"])

    assert list(found.fields) == ["immutable"]
    assert not found.delete_before_replace


def test_a_refresh_keeps_inputs_that_still_hold_and_takes_over_what_drifted() -> None:
    old = obj("Secret", stringData=Secret({"k": "one"}), type="Opaque")
    assert inputs_of_live(live(old, data={"k": "b25l"}, stringData=None), old) == old
    drifted = inputs_of_live(live(old, data={"k": "dHdv"}, stringData=None), old)
    assert drifted == obj("Secret", data=Secret({"k": "dHdv"}), type="Opaque")
