"""What each component makes of its arguments."""

import base64
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.flux_definitions import FluxDefinitions, FluxDefinitionsArgs
from components.flux_install import FluxInstall, FluxInstallArgs
from components.flux_kustomization import FluxKustomization, FluxKustomizationArgs
from components.git_source import GitSource, GitSourceArgs
from components.kubernetes_object import KubernetesObject, annotated, type_token
from components.source_credential import SourceCredential, SourceCredentialArgs
from tests import invariants
from tests.components.samples import CONTROLLERS, DEFINITIONS, body
from tests.engine import attempt, run
from tests.small_programs import provider


def on_cluster() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(providers=[provider()])


def test_a_git_source_registers_its_url_and_names_its_secret() -> None:
    args = GitSourceArgs(object_name="argo-workflows", url="ssh://git@git.test/argo.git", secret_name="deploy", spec={"interval": "1m"})

    record = run(lambda: GitSource("argo", args, on_cluster()))

    assert record.named("argo").outputs == {"url": "ssh://git@git.test/argo.git"}
    made = record.object("GitRepository", "argo-workflows", "flux-system")
    assert made.type == "kubernetes:source.toolkit.fluxcd.io/v1:GitRepository"
    assert made.inputs["spec"] == {"url": "ssh://git@git.test/argo.git", "secretRef": {"name": "deploy"}, "interval": "1m"}


@pytest.mark.parametrize("make", ["source", "kustomization"])
def test_an_output_in_a_spec_is_refused_in_the_constructor(make: str) -> None:
    def program() -> None:
        spec = {"interval": pulumi.Output.from_input("1m")}
        if make == "source":
            GitSource("a", GitSourceArgs(object_name="a", url="https://git.test/a.git", spec=spec))
        else:
            FluxKustomization("a", FluxKustomizationArgs(object_name="a", spec=spec))

    record = attempt(program)

    assert isinstance(record.exception, TypeError)
    assert "spec.interval is a Output" in str(record.exception)
    assert not list(record.kubernetes()), "no object may be registered"


def test_definitions_are_retained_exactly_when_asked() -> None:
    for retain in (True, False):
        args = FluxDefinitionsArgs(objects=DEFINITIONS, retain=retain)
        record = run(lambda args=args: FluxDefinitions("flux", args, on_cluster()))  # type: ignore[misc]

        assert {each.options.retain_on_delete for each in record.kubernetes()} == {retain}


def test_definitions_offer_namespace_and_crds_to_wait_for() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        made = FluxDefinitions("flux", FluxDefinitionsArgs(objects=DEFINITIONS, retain=True), on_cluster())
        seen["kinds"] = list(made.definitions)
        pulumi.export("namespace", made.namespace.urn)
        pulumi.export("bucket", made.definitions["Bucket"].urn)

    record = run(program)

    assert seen["kinds"] == ["Bucket"]
    assert record.exports["namespace"] == record.object("Namespace", "flux-system").urn
    assert record.exports["bucket"] == record.object("CustomResourceDefinition", "buckets.source.toolkit.fluxcd.io").urn


def test_controllers_wait_for_their_rights_and_not_for_services() -> None:
    record = run(lambda: FluxInstall("flux", FluxInstallArgs(objects=CONTROLLERS), on_cluster()))

    deployment = record.object("Deployment", "source-controller")
    assert {record[urn].kind for urn in deployment.dependencies} == {"ServiceAccount"}


def test_only_the_controllers_wait_for_the_crds() -> None:
    def program() -> None:
        options = on_cluster()
        definitions = FluxDefinitions("definitions", FluxDefinitionsArgs(objects=DEFINITIONS, retain=True), options)
        waits = pulumi.ResourceOptions(depends_on=[definitions.namespace, definitions])
        FluxInstall("flux", FluxInstallArgs(objects=CONTROLLERS), pulumi.ResourceOptions.merge(options, waits))

    record = run(program)

    waits = {each.kind: {record[urn].kind for urn in each.dependencies} for each in record.kubernetes()}
    assert waits["Deployment"] == {"Namespace", "CustomResourceDefinition", "ServiceAccount"}
    assert waits["Service"] == waits["ServiceAccount"] == waits["NetworkPolicy"] == {"Namespace"}


def test_services_are_not_awaited_and_keep_their_other_annotations() -> None:
    service = body("Service", "s")
    service["metadata"]["annotations"] = {"own": "kept"}

    record = run(lambda: FluxInstall("flux", FluxInstallArgs(objects=[service, *CONTROLLERS]), on_cluster()))

    assert record.object("Service", "s").inputs["metadata"]["annotations"] == {"own": "kept", "pulumi.com/skipAwait": "true"}
    assert service["metadata"]["annotations"] == {"own": "kept"}, "the body given must not change"
    assert "annotations" not in record.object("Deployment", "source-controller").inputs["metadata"]


def test_every_value_of_a_credential_is_secret_whatever_was_given() -> None:
    def program() -> None:
        values: dict[str, pulumi.Input[str]] = {"username": "flux", "password": pulumi.Output.secret("hunter2")}
        SourceCredential("read", SourceCredentialArgs(secret_name="read", values=values), on_cluster())

    record = run(program)

    data = record.object("Secret", "read").inputs["data"]
    assert {key: base64.b64decode(value.value).decode() for key, value in data.items()} == {"username": "flux", "password": "hunter2"}
    assert record.object("Secret", "read").options.additional_secret_outputs == ("data", "stringData")
    assert record.object("Secret", "read").inputs["type"] == "Opaque"
    invariants.check_no_leak(record, ["hunter2"])


@pytest.mark.parametrize(
    ("api_version", "kind", "token"),
    [
        ("v1", "Secret", "kubernetes:core/v1:Secret"),
        ("apps/v1", "Deployment", "kubernetes:apps/v1:Deployment"),
        ("source.toolkit.fluxcd.io/v1", "GitRepository", "kubernetes:source.toolkit.fluxcd.io/v1:GitRepository"),
    ],
)
def test_type_tokens_are_those_of_pulumi_kubernetes(api_version: str, kind: str, token: str) -> None:
    assert type_token(api_version, kind) == token


def test_an_object_made_here_is_what_pulumi_kubernetes_would_have_made() -> None:
    content = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "n"}, "data": {"k": "dg=="}}

    ours = run(lambda: KubernetesObject.of("x", content)).named("x")
    theirs = run(lambda: k8s.core.v1.Secret("x", metadata={"name": "a", "namespace": "n"}, data={"k": "dg=="})).named("x")

    assert (ours.urn, ours.options.additional_secret_outputs) == (theirs.urn, theirs.options.additional_secret_outputs)
    assert {key: value for key, value in ours.inputs.items() if key != "data"} == {
        key: value for key, value in theirs.inputs.items() if key != "data"
    }


def test_annotating_changes_a_copy() -> None:
    original = body("Service", "s")

    changed = annotated(original, {"a": "b"})

    assert changed["metadata"]["annotations"] == {"a": "b"}
    assert "annotations" not in original["metadata"]


def test_an_object_is_of_a_class_without_a_constructor_so_that_no_call_stack_is_sent_with_it() -> None:
    # pulumi/runtime/resource.py, `_get_stack_trace`. That the state has none is shown by tests/e2e/lifecycle/test_an_older_state.py.
    assert "__init__" not in vars(KubernetesObject)
