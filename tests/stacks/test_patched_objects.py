"""What comes of `flux.patches` is judged, and told at the patch that makes it wrong."""

from pathlib import Path

import pytest

from tests.manifests import manifests_directory, put_manifests
from tests.stack_files import preview, shown

STACK = """config:
  gitops:environment: development
  gitops:cluster: {name: dev, context: dev}
  gitops:flux:
    manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4
    patches:
%s
  gitops:use: [base]
---
git:
  app: {url: https://git.test/app.git, spec: {interval: 1h, ref: {branch: main}}}
"""
OF = "      - {kind: Deployment, name: source-controller, patch: {spec: {template: {spec: %s}}}}"
AFTER = "has no container with the name manager: a merge patch replaces the whole list"


def told(folder: Path, *pods: str) -> list[str]:
    record = preview(folder, STACK % "\n".join(OF % pod for pod in pods), catalog=None, register=False)
    _, *problems = shown(record, folder).splitlines() or [""]
    return [problem.removeprefix("Pulumi.fixture.yaml:").replace("gitops:flux.", "") for problem in problems]


def test_a_patch_that_leaves_the_object_right_is_taken(tmp_path: Path) -> None:
    assert told(tmp_path, "{priorityClassName: high}", "{hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet}") == []


def test_of_several_patches_the_one_that_breaks_the_object_is_told(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, "{priorityClassName: high}", "{priority: high}", "{hostNetwork: true}")

    assert problem.startswith('8 patches[1].patch.spec.template.spec.priority: "high" is not a whole number.')


def test_what_a_later_patch_mends_is_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, "{priority: high}", "{priority: 5}") == []


def test_what_is_broken_again_is_told_at_the_patch_that_did_it(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, "{priority: high}", "{priority: 5}", "{priority: high}")

    assert problem.startswith("9 patches[2].patch.spec.template.spec.priority")


@pytest.mark.parametrize(
    ("containers", "wrong", "fix"),
    [
        (
            "[{resources: {}}]",
            AFTER,
            "Write resources.source-controller instead, or repeat the whole container, starting with name: manager.",
        ),
        ("[{name: manger, image: a}]", AFTER, "Repeat the whole container: name: manager, image, args, env, ports, volumeMounts."),
        ("[{name: manager, args: [--a]}]", "lacks image, env, ports, volumeMounts", "Write flags.source-controller instead, or"),
        ("[]", AFTER, "The API server would refuse the Deployment."),
        ("null", AFTER, "The API server would refuse the Deployment."),
        ("[{name: other, image: a}]", AFTER, "source-controller would not run."),
    ],
)
def test_a_replaced_list_that_lacks_the_controllers_container_is_one_fault(containers: str, wrong: str, fix: str, tmp_path: Path) -> None:
    (problem,) = told(tmp_path, f"{{containers: {containers}}}")

    assert problem.startswith("7 patches[0].patch.spec.template.spec.containers: ")
    assert wrong in problem
    assert fix in problem


def test_the_flags_in_a_patched_container_are_judged_too(tmp_path: Path) -> None:
    whole = (
        "{containers: [{name: manager, image: a, args: [--log-level=info, --concurent=4], env: [{name: A}], "
        "ports: [{containerPort: 9090}], volumeMounts: [{name: data, mountPath: /data}]}]}"
    )

    (problem,) = told(tmp_path, whole)

    assert problem.startswith(
        "7 patches[0].patch.spec.template.spec.containers[0].args[1]: is not a flag of source-controller in Flux 2.9."
    )
    assert problem.endswith("Write concurrent.")


def test_a_flag_that_only_a_newer_flux_may_know_is_a_warning(tmp_path: Path) -> None:
    flags = "    flags: {source-controller: {from-the-future: 1, concurrent: 4}}"
    text = STACK.replace("    patches:\n%s", flags).replace("ghcr.io/fluxcd/flux-manifests:v2.9.4", "./flux/v2.99.0")
    put_manifests(tmp_path / "flux" / "v2.99.0", manifests_directory())

    record = preview(tmp_path, text, catalog=None, register=False)

    assert record.exit_code == 0, record.errors
    assert [message.text for message in record.log if message.severity == "warning"] == [
        "Not checked: --from-the-future of source-controller. It may be new in Flux v2.99.0 or misspelt: this program knows the flags of "
        "Flux 2.7 to 2.9."
    ]
