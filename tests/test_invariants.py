"""Each invariant holds for a sound graph, and each goes red for a graph that breaks it."""

import base64
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from tests import invariants
from tests.engine import attempt, run
from tests.record import Record
from tests.small_programs import Component, child, config_map, definition, deployment, flux_object, provider

Build = Callable[[Component, str], Mapping[str, Any] | None]


def component(name: str, build: Build, **options: Any) -> Component:
    return Component(name, build, pulumi.ResourceOptions(**options))


def stack(
    *,
    source_waits: Callable[[Any, Any], list[Any]] = lambda crd, controllers: [crd, controllers[0]],
    kustomization_waits: Callable[[Any, Any, Any, Any], list[Any]] = lambda crd, controllers, source, named: [
        crd,
        *controllers,
        source,
        *named,
    ],
    with_definitions: bool = True,
    decryption: Mapping[str, Any] | None = None,
) -> None:
    """One source and one Kustomization that names a ConfigMap and a Secret, with what they need."""
    cluster = provider()

    def build(self: Component, _name: str) -> Mapping[str, Any]:
        here = child(self)
        source_crd = definition("GitRepository", here) if with_definitions else None
        kustomization_crd = definition("Kustomization", here) if with_definitions else None
        flags = ["--sops-age-secret=sops-age"]
        controllers = [
            deployment("source-controller", here),
            k8s.apps.v1.Deployment(
                "kustomize-controller",
                metadata={"name": "kustomize-controller", "namespace": "flux-system", "labels": {"app.kubernetes.io/part-of": "flux"}},
                spec={"selector": {}, "template": {"spec": {"containers": [{"name": "manager", "args": flags}]}}},
                opts=here,
            ),
        ]
        key = k8s.core.v1.Secret("sops-age", metadata={"name": "sops-age", "namespace": "flux-system"}, string_data={"a": "b"}, opts=here)
        secret = k8s.core.v1.Secret("token", metadata={"name": "token", "namespace": "flux-system"}, string_data={"a": "b"}, opts=here)
        variables = config_map("stack-vars", here)
        waits = [each for each in source_waits(source_crd, controllers) if each]
        source = flux_object("GitRepository", "argo", {"url": "https://git.test/argo.git"}, child(self, depends_on=waits))
        waits = [each for each in kustomization_waits(kustomization_crd, controllers, source, [secret, variables, key]) if each]
        spec = {
            "sourceRef": {"kind": "GitRepository", "name": "argo"},
            "postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "stack-vars"}]},
            "kubeConfig": {"secretRef": {"name": "token"}},
            "decryption": dict(decryption or {"provider": "sops"}),
        }
        flux_object("Kustomization", "argo-apps", spec, child(self, depends_on=waits))
        return {"address": "here"}

    component("all", build, provider=cluster)


def test_a_sound_graph_passes_every_invariant() -> None:
    invariants.check_everything(run(stack), markers=["a kubeconfig"])


def test_a_sound_preview_passes_every_invariant() -> None:
    invariants.check_everything(run(stack, preview=True), markers=["a kubeconfig"])


def test_a_resource_directly_below_the_stack_is_found() -> None:
    record = run(lambda: config_map("lonely"))

    with pytest.raises(AssertionError, match=r"::lonely has the bare stack as parent"):
        invariants.check_parents(record)


def test_a_kubernetes_object_on_the_default_provider_is_found() -> None:
    record = run(lambda: component("c", lambda self, _: {"address": config_map("ambient", child(self)).id}))

    with pytest.raises(AssertionError, match=r"::ambient names no provider of this program"):
        invariants.check_providers(record)


def test_two_resources_that_are_one_object_are_found() -> None:
    def program() -> None:
        for name in ("first", "second"):
            k8s.core.v1.ConfigMap(name, metadata={"name": "same", "namespace": "flux-system"})
        k8s.core.v1.ConfigMap("third", metadata={"name": "same", "namespace": "elsewhere"})

    with pytest.raises(AssertionError, match=r"1 fault .*\n.*::second and .*::first are one object"):
        invariants.check_identities(run(program))


def test_a_component_that_forgets_register_outputs_is_found() -> None:
    record = run(lambda: component("forgetful", lambda _self, _name: None))

    with pytest.raises(AssertionError, match=r"::forgetful called register_outputs 0 times"):
        invariants.check_components(record)


def test_a_component_that_registers_twice_is_found() -> None:
    def twice(self: Component, _name: str) -> dict[str, str]:
        self.register_outputs({"address": "first"})
        return {"address": "second"}

    with pytest.raises(AssertionError, match=r"::eager called register_outputs 2 times"):
        invariants.check_components(run(lambda: component("eager", twice)))


@pytest.mark.parametrize("registered", [{}, {"address": "a", "more": "b"}, {"adress": "a"}], ids=["too few", "too many", "misspelt"])
def test_a_component_that_registers_other_outputs_than_it_declares_is_found(registered: dict[str, str]) -> None:
    with pytest.raises(AssertionError, match=r"declares the outputs \['address'\] but registers"):
        invariants.check_components(run(lambda: component("sloppy", lambda _self, _name: registered)))


def test_a_source_that_does_not_wait_for_its_definition_is_found() -> None:
    record = run(lambda: stack(source_waits=lambda _crd, controllers: [controllers[0]]))

    with pytest.raises(AssertionError, match=r"::argo does not wait for its CRD .*gitrepositorys"):
        invariants.check_definitions_and_controllers(record)


def test_a_source_that_does_not_wait_for_its_controller_is_found() -> None:
    record = run(lambda: stack(source_waits=lambda crd, _controllers: [crd]))

    with pytest.raises(AssertionError, match=r"::argo does not wait for the Deployment of source-controller"):
        invariants.check_definitions_and_controllers(record)


def test_a_kustomization_that_waits_for_one_controller_only_is_found() -> None:
    record = run(lambda: stack(kustomization_waits=lambda crd, controllers, source, named: [crd, controllers[0], source, *named]))

    with pytest.raises(AssertionError, match=r"::argo-apps does not wait for the Deployment of kustomize-controller"):
        invariants.check_definitions_and_controllers(record)


def test_an_object_of_a_kind_without_a_definition_is_found() -> None:
    record = run(lambda: stack(with_definitions=False))

    with pytest.raises(AssertionError, match=r"::argo is of a kind that this stack installs no CRD for"):
        invariants.check_definitions_and_controllers(record)


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        (0, r"names Secret/token at spec\.kubeConfig\.secretRef but does not wait for it"),
        (1, r"names ConfigMap/stack-vars at spec\.postBuild\.substituteFrom\[0\] but does not wait for it"),
        (2, r"names Secret/sops-age at spec\.decryption but does not wait for it"),
    ],
    ids=["secretRef", "substituteFrom", "the key of the controller's flag"],
)
def test_an_object_that_does_not_wait_for_what_it_names_is_found(left_out: int, message: str) -> None:
    def waits(crd: Any, controllers: Any, source: Any, named: Any) -> list[Any]:
        return [crd, *controllers, source, *named[:left_out], *named[left_out + 1 :]]

    with pytest.raises(AssertionError, match=message):
        invariants.check_references(run(lambda: stack(kustomization_waits=waits)))


def test_a_kustomization_that_does_not_wait_for_its_source_is_found() -> None:
    record = run(lambda: stack(kustomization_waits=lambda crd, controllers, _source, named: [crd, *controllers, *named]))

    with pytest.raises(AssertionError, match=r"names GitRepository/argo at spec\.sourceRef but does not wait for it"):
        invariants.check_references(record)


def test_a_name_in_another_namespace_or_of_an_object_from_git_needs_no_waiting() -> None:
    spec = {
        "sourceRef": {"kind": "GitRepository", "name": "argo", "namespace": "elsewhere"},
        "substituteFrom": [{"kind": "Secret", "name": "x"}],
    }

    assert list(invariants.references(spec)) == [("spec.substituteFrom[0]", "Secret", "x")]


def test_waiting_for_the_definition_of_another_kind_is_found() -> None:
    record = run(lambda: stack(kustomization_waits=lambda crd, cs, source, named: [crd, *cs, source, *named]))
    invariants.check_dependencies_are_few(record)

    def too_much() -> None:
        cluster = provider()

        def build(self: Component, _name: str) -> Mapping[str, Any]:
            other = definition("Kustomization", child(self))
            flux_object("GitRepository", "argo", {}, child(self, depends_on=[other]))
            return {"address": "here"}

        component("all", build, provider=cluster)

    with pytest.raises(AssertionError, match=r"waits for the CRD of another kind"):
        invariants.check_dependencies_are_few(run(too_much))


def test_waiting_for_what_is_not_needed_is_found() -> None:
    def program() -> None:
        def build(self: Component, _name: str) -> Mapping[str, Any]:
            account = k8s.core.v1.ServiceAccount("account", metadata={"name": "a", "namespace": "flux-system"}, opts=child(self))
            flux_object("GitRepository", "argo", {}, child(self, depends_on=[account]))
            return {"address": "here"}

        component("all", build, provider=provider())

    with pytest.raises(AssertionError, match=r"waits for .*ServiceAccount::account, which it does not need"):
        invariants.check_dependencies_are_few(run(program))


def test_a_secret_object_with_a_plain_value_is_found() -> None:
    def plain() -> None:
        # The class for Secret of pulumi_kubernetes wraps by itself; a resource by type token, as ours are, does not.
        inputs = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"wrapped": pulumi.Output.secret("x"), "plain": "eA=="}}
        pulumi.CustomResource("kubernetes:core/v1:Secret", "bare", inputs)

    with pytest.raises(AssertionError, match=r"::bare has data\.plain in plain text") as caught:
        invariants.check_secret_objects(run(plain))
    assert "wrapped" not in str(caught.value)


MARKER = "marker/of+this test?"


def leaks(place: str) -> Callable[[], None]:
    text = {
        "plain": MARKER,
        "base64": base64.b64encode(MARKER.encode()).decode(),
        "hex": MARKER.encode().hex(),
        "url": "marker%2Fof%2Bthis%20test%3F",
    }

    def program() -> None:
        match place:
            case "input":
                config_map("m", KEY=text["plain"])
            case "base64":
                config_map("m", KEY=f"x{text['base64']}")
            case "hex":
                config_map("m", KEY=text["hex"])
            case "url":
                config_map("m", KEY=f"https://flux:{text['url']}@git.test")
            case "nested":
                pulumi.CustomResource("a:b:C", "m", {"list": [{"deep": text["plain"]}]})
            case "key":
                config_map("m", None, **{text["plain"]: "value"})
            case "export":
                pulumi.export("x", text["plain"])
            case "log":
                pulumi.log.debug(f"about to use {text['plain']}")
            case "print":
                print(text["plain"])  # noqa: T201
            case "name":
                config_map(text["plain"])
            case "exception":
                raise ValueError(text["plain"])
            case "error":
                pulumi.log.error(text["plain"])
                sys.exit(32)
            case _:
                raise NotImplementedError(place)

    return program


@pytest.mark.parametrize(
    "place", ["input", "base64", "hex", "url", "nested", "key", "export", "log", "print", "name", "exception", "error"]
)
def test_a_leak_is_found_wherever_it_is(place: str) -> None:
    with pytest.raises(AssertionError, match=r"the secret mark… shows in"):
        invariants.check_no_leak(attempt(leaks(place)), [MARKER])


def test_a_leak_through_the_output_of_a_component_is_found() -> None:
    record = run(lambda: component("open", lambda _self, _name: {"address": MARKER}))

    with pytest.raises(AssertionError, match=r"shows in output of .*::open: address, in plain text"):
        invariants.check_no_leak(record, [MARKER])


def test_a_wrapped_secret_is_no_leak() -> None:
    def program() -> Record | None:
        pulumi.export("x", pulumi.Output.secret({"deep": [MARKER]}))
        config_map("m", KEY=pulumi.Output.secret(MARKER))
        return None

    invariants.check_no_leak(run(program), [MARKER])
