"""The engine double sees what it says it sees."""

import sys

import pulumi
import pulumi_random
import pytest

from tests.engine import attempt, run
from tests.monitor import EngineError
from tests.record import UNKNOWN, Secret
from tests.small_programs import Component, child, config_map, provider


def test_a_component_and_its_child_are_recorded_with_parent_type_and_inputs() -> None:
    record = run(lambda: Component("outer", lambda self, _: {"address": config_map("inner", child(self), KEY="value").metadata.name}))

    inner = record.named("inner")
    assert inner.parent == record.named("outer").urn
    assert inner.urn == "urn:pulumi:test::gitops::gitops:index:Component$kubernetes:core/v1:ConfigMap::inner"
    assert inner.type == "kubernetes:core/v1:ConfigMap"
    assert inner.inputs == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "inner", "namespace": "flux-system"},
        "data": {"KEY": "value"},
    }
    assert record.children(record.stack) == (record.named("outer"),)
    assert record.named("outer").outputs == {"address": "inner"}


def test_a_resource_without_a_parent_belongs_to_the_stack() -> None:
    record = run(lambda: config_map("lonely"))

    assert record.named("lonely").parent == record.stack.urn
    assert record.named("lonely").urn == "urn:pulumi:test::gitops::kubernetes:core/v1:ConfigMap::lonely"


def test_dependencies_come_from_depends_on_and_from_inputs() -> None:
    def program() -> None:
        first = config_map("first")
        second = config_map("second")
        config_map("third", pulumi.ResourceOptions(depends_on=[first]), KEY=second.metadata.name)

    record = run(program)

    third = record.named("third")
    assert third.dependencies == {record.named("first").urn, record.named("second").urn}
    assert third.property_dependencies == {"data": {record.named("second").urn}}
    assert record.waits_for(record.named("first")) == set()


def test_what_a_dependency_waits_for_is_waited_for_too() -> None:
    def program() -> None:
        first = config_map("first")
        second = config_map("second", pulumi.ResourceOptions(depends_on=[first]))
        config_map("third", pulumi.ResourceOptions(depends_on=[second]))

    record = run(program)

    assert record.waits_for(record.named("third")) == {record.named("first").urn, record.named("second").urn}


def test_the_provider_of_a_component_reaches_its_children_and_an_ambient_one_shows_as_none() -> None:
    def program() -> None:
        Component("explicit", lambda self, _: {"m": config_map("with", child(self)).id}, pulumi.ResourceOptions(provider=provider()))
        config_map("without")

    record = run(program)

    cluster = record.named("cluster").urn
    assert record.named("explicit").providers == {"kubernetes": cluster}
    assert record.named("with").provider == cluster
    assert record.named("without").provider == ""


def test_options_are_recorded_as_the_program_gave_them() -> None:
    options = pulumi.ResourceOptions(
        protect=True,
        retain_on_delete=True,
        delete_before_replace=False,
        custom_timeouts=pulumi.CustomTimeouts(create="3m", delete="1m"),
        aliases=[pulumi.Alias(name="formerly")],
        additional_secret_outputs=["data"],
        ignore_changes=["metadata.annotations"],
        replace_on_changes=["immutable"],
        import_="flux-system/optioned",
    )

    record = run(lambda: (config_map("optioned", options), config_map("plain")))

    seen = record.named("optioned").options
    assert (seen.protect, seen.retain_on_delete, seen.delete_before_replace) == (True, True, False)
    assert seen.custom_timeouts == {"create": "3m", "delete": "1m"}
    assert seen.aliases[0]["spec"]["name"] == "formerly"
    assert seen.additional_secret_outputs == ("data",)
    assert seen.ignore_changes == ("metadata.annotations",)
    assert seen.replace_on_changes == ("immutable",)
    assert seen.import_id == "flux-system/optioned"
    silent = record.named("plain").options
    assert (silent.protect, silent.retain_on_delete, silent.delete_before_replace) == (None, None, None)


def test_deleted_with_names_the_other_resource() -> None:
    record = run(lambda: config_map("second", pulumi.ResourceOptions(deleted_with=config_map("first"))))

    assert record.named("second").options.deleted_with == record.named("first").urn


def test_a_secret_shows_wrapped_and_a_plain_value_does_not() -> None:
    record = run(lambda: config_map("mixed", PLAIN="seen", HIDDEN=pulumi.Output.secret("hidden")))

    assert record.named("mixed").inputs["data"] == {"PLAIN": "seen", "HIDDEN": Secret("hidden")}


def test_a_secret_stays_wrapped_through_apply_concat_and_export() -> None:
    def program() -> None:
        secret = pulumi.Output.secret("abc")
        pulumi.export("upper", secret.apply(str.upper))
        pulumi.export("joined", pulumi.Output.concat("x-", secret))
        pulumi.export("unsecret", pulumi.Output.unsecret(secret.apply(len)))

    assert run(program).exports == {"upper": Secret("ABC"), "joined": Secret("x-abc"), "unsecret": 3}


def test_an_additional_secret_output_is_secret_for_whoever_reads_it() -> None:
    def program() -> None:
        made = config_map("made", pulumi.ResourceOptions(additional_secret_outputs=["data"]), KEY="value")
        pulumi.export("read", made.data)

    record = run(program)

    assert record.named("made").inputs["data"] == {"KEY": "value"}
    assert record.exports["read"] == Secret({"KEY": "value"})


def test_a_random_password_is_known_and_secret_in_up_and_unknown_in_a_preview() -> None:
    def program() -> None:
        made = pulumi_random.RandomPassword("seed", length=64, special=False)
        pulumi.export("length", pulumi.Output.unsecret(made.result.apply(len)))
        pulumi.export("value", made.result)

    known, unknown = run(program), run(program, preview=True)

    assert known.exports["length"] == 64
    assert isinstance(known.exports["value"], Secret)
    assert known.exports["value"].value.isalnum()
    assert run(program).exports == known.exports
    assert unknown.exports == {"length": UNKNOWN, "value": Secret(UNKNOWN)}


def test_a_preview_knows_inputs_but_not_what_the_cluster_adds() -> None:
    def program() -> None:
        made = config_map("made")
        pulumi.export("name", made.metadata.name)
        pulumi.export("id", made.id)
        pulumi.export("immutable", made.immutable)

    assert run(program, preview=True).exports == {"name": "made", "id": UNKNOWN, "immutable": UNKNOWN}
    assert run(program).exports == {"name": "made", "id": "flux-system/made"}


def test_an_apply_on_an_unknown_is_not_called() -> None:
    called: list[str] = []

    def program() -> None:
        config_map("made").id.apply(called.append)

    run(program, preview=True)
    assert called == []
    run(program)
    assert called == ["flux-system/made"]


def test_numbers_arrive_as_the_program_wrote_them() -> None:
    record = run(lambda: pulumi.export("numbers", {"whole": 3, "part": 1.5, "none": None, "yes": True, "list": [1, "1"]}))

    assert record.exports["numbers"] == {"whole": 3, "part": 1.5, "none": None, "yes": True, "list": [1, "1"]}
    assert isinstance(record.exports["numbers"]["whole"], int)


def test_two_resources_of_one_urn_are_refused() -> None:
    record = attempt(lambda: (config_map("same"), config_map("same")))

    assert isinstance(record.exception, EngineError)
    assert "Duplicate resource URN" in str(record.exception)
    with pytest.raises(EngineError, match="Duplicate resource URN"):
        run(lambda: (config_map("same"), config_map("same")))


def test_one_logical_name_below_two_types_of_parents_is_no_duplicate() -> None:
    record = run(lambda: (config_map("same"), Component("outer", lambda self, _: {"a": config_map("same", child(self)).id})))

    assert len(record.of_type("kubernetes:core/v1:ConfigMap")) == 2


def test_a_duplicate_cannot_be_hidden_by_a_program_that_exits() -> None:
    def program() -> None:
        config_map("same")
        config_map("same")
        sys.exit(0)

    assert isinstance(attempt(program).exception, EngineError)


def test_a_component_that_forgets_register_outputs_has_no_outputs() -> None:
    record = run(lambda: Component("forgetful", lambda _self, _name: None))

    assert record.named("forgetful").registered == ()
    with pytest.raises(AssertionError, match="register_outputs 0 times"):
        _ = record.named("forgetful").outputs


def test_a_component_that_registers_twice_is_seen_doing_it() -> None:
    def twice(self: Component, _name: str) -> dict[str, str]:
        self.register_outputs({"address": "first"})
        return {"address": "second"}

    record = run(lambda: Component("eager", twice))

    assert record.named("eager").registered == ({"address": "first"}, {"address": "second"})


def test_the_outputs_that_a_component_declares_are_known_in_wire_spelling() -> None:
    class Spelt(Component):
        secret_name: pulumi.Output[str]
        count: int

    record = run(lambda: (Spelt("spelt"), Component("plain")))

    assert record.named("plain").declared_outputs == frozenset({"address"})
    assert record.named("spelt").declared_outputs == frozenset({"address", "secretName"})
