"""What comes of `flux.patches` is judged, and told at the patch that makes it wrong."""

from pathlib import Path
from typing import Any

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
BY_NAME = "Change single fields of it: containers: [{name: manager, …}] is merged by name."


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
        ("[{resources: {}}]", "containers[0]: has no name, by which Kubernetes merges this list", "Write the name of the item to change"),
        ("[{name: manger, resources: {}}]", "containers[0].image: is required but missing", "Add image."),
        (
            "[{name: manager, args: [--concurrent=4]}]",
            "lacks --events-addr, --storage-adv-addr and --storage-path: a patch",
            "Write flags.source-controller",
        ),
        ("[{name: manager, image: null}]", "containers: removes image of the container manager", BY_NAME),
        ("[{name: manager, ports: [{$patch: replace}]}]", "containers: removes ports of the container manager", BY_NAME),
        ("null", "containers: removes the container manager. The API server would refuse the Deployment.", BY_NAME),
        ("[{$patch: replace}, {name: other, image: a}]", "the container manager. source-controller would not run.", BY_NAME),
        ("[{name: manager, env: [{name: RUNTIME_NAMESPACE, value: a}]}]", "env[0]: has both value and valueFrom", "Write null for what"),
    ],
)
def test_a_container_with_which_the_controller_would_not_run_is_one_fault(containers: str, wrong: str, fix: str, tmp_path: Path) -> None:
    (problem,) = told(tmp_path, f"{{containers: {containers}}}")

    assert problem.startswith("7 patches[0].patch.spec.template.spec.containers")
    assert wrong in problem
    assert fix in problem


def test_lists_are_merged_by_name_as_kubernetes_does(tmp_path: Path) -> None:
    record = preview(tmp_path, STACK % (OF % "{containers: [{name: manager, env: [{name: A, value: b}]}]}"), catalog=None)

    (manager,) = record.object("Deployment", "source-controller", "flux-system").inputs["spec"]["template"]["spec"]["containers"]
    assert manager["image"].startswith("ghcr.io/fluxcd/source-controller:")
    assert {"args", "ports", "volumeMounts", "resources", "livenessProbe"} <= manager.keys()
    assert [each["name"] for each in manager["env"]] == ["A", "RUNTIME_NAMESPACE", "TUF_ROOT", "GOMEMLIMIT"]


FLUXS_OWN = """      - target: {kind: Deployment, name: (kustomize|helm)-controller}
        patch: |
          - op: add
            path: /spec/template/spec/containers/0/args/-
            value: --concurrent=20
      - target: {labelSelector: app.kubernetes.io/component=source-controller, kind: Deployment}
        patch: |
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: all}
          spec: {template: {spec: {containers: [{name: manager, env: [{name: A, value: b}]}]}}}
      - patch: |
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: notification-controller, namespace: flux-system}
          spec: {replicas: 2}
      - {kind: Namespace, name: flux-system, patch: [{op: add, path: /metadata/labels/team, value: ops}]}"""


def test_patches_as_fluxs_documents_show_them_are_taken(tmp_path: Path) -> None:
    record = preview(tmp_path, STACK % FLUXS_OWN, catalog=None)
    assert record.exit_code == 0, record.errors

    def manager(controller: str) -> Any:
        return record.object("Deployment", controller, "flux-system").inputs["spec"]["template"]["spec"]["containers"][0]

    concurrent = {
        name: "--concurrent=20" in manager(name)["args"] for name in ("kustomize-controller", "helm-controller", "source-controller")
    }
    assert concurrent == {"kustomize-controller": True, "helm-controller": True, "source-controller": False}
    assert {"name": "A", "value": "b"} in manager("source-controller")["env"]
    assert record.object("Deployment", "notification-controller", "flux-system").inputs["spec"]["replicas"] == 2
    assert record.object("Namespace", "flux-system", "").inputs["metadata"]["labels"]["team"] == "ops"


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        ("{target: {kind: Deployment, name: flux}, patch: {}}", "patches Deployment/flux, which is not installed"),
        ("{target: {labelSelector: a=b}, patch: {}}", "selects no object that is installed"),
        ("{target: {}, patch: {}}", "has an empty `target`"),
        ("{target: {kind: Deployment}, kind: Deployment, patch: {}}", "has both `target` and `kind` or `name`"),
        ("{kind: Deployment, patch: {}}", "does not say which object it patches"),
        ("{target: {kind: Deployment}, patch: 5}", "is not a patch"),
        ("{target: {kind: Deployment}, patch: []}", "is not a patch"),
        ('{target: {kind: Deployment}, patch: "{"}', "is not YAML"),
        (
            "{target: {kind: Deployment}, patch: [{op: remove, path: /spec/nothing}]}",
            "].patch[0].path: the path does not exist in Deployment/helm-controller. None of the "
            "operations would be applied. Write the path of a field that the object has.",
        ),
        (
            "{target: {kind: Deployment}, patch: [{op: test, path: /spec/replicas, value: 1}, {op: delete, path: /spec/replicas}]}",
            "].patch[1].op: this operation does not exist. None of the operations would be applied. "
            "Write add, remove, replace, move, copy or test.",
        ),
        (
            "{target: {kind: Deployment}, patch: [{op: remove}]}",
            "].patch[0].path: `path` is missing. None of the operations would be applied. Add `path`.",
        ),
        (
            "{target: {kind: Deployment}, patch: [{op: remove, path: spec}]}",
            "].patch[0].path: the path is not a JSON pointer. None of the operations would be applied. "
            "Write the path with a `/` before each key, like /spec/replicas.",
        ),
        ("{target: {kind: Deployment}, patch: [{op: replace, path: /spec/replicas, value: two}]}", '"two" is not a whole number'),
    ],
)
def test_a_patch_that_cannot_be_applied_is_one_fault(patch: str, message: str, tmp_path: Path) -> None:
    record = preview(tmp_path, STACK % f"      - {patch}", catalog=None, register=False)
    count, problem = shown(record, tmp_path).splitlines()

    assert count.startswith("1 problem;")
    assert problem.startswith("Pulumi.fixture.yaml:7 gitops:flux.patches[0]")
    assert message in problem


def test_the_flags_in_a_patched_container_are_judged_too(tmp_path: Path) -> None:
    flags = "      - {target: {kind: Deployment}, patch: [{op: add, path: /spec/template/spec/containers/0/args/-, value: --concurent=4}]}"
    record = preview(tmp_path, STACK % flags, catalog=None, register=False)
    _, *problems = shown(record, tmp_path).splitlines()

    assert len(problems) == 4
    assert "sets --concurent, which is not a flag of source-controller in Flux 2.9." in shown(record, tmp_path)
    assert problems[0].endswith("Write concurrent.")


def test_a_patch_cannot_take_the_selector_of_the_shards_away_nor_add_another(tmp_path: Path) -> None:
    args = "/spec/template/spec/containers/0/args"
    whole = "[--events-addr=, --storage-path=/data, --storage-adv-addr=a.b.]"
    container = f"{{template: {{spec: {{containers: [{{name: manager, args: {whole}}}]}}}}}}"
    patches = f"""      - {{kind: Deployment, name: source-controller, patch: {{spec: {container}}}}}
      - {{kind: Deployment, name: kustomize-controller, patch: [{{op: add, path: {args}/-, value: --watch-label-selector=x=y}}]}}
      - {{kind: Deployment, name: helm-controller, patch: [{{op: remove, path: {args}/5}}]}}
      - {{kind: Deployment, name: helm-controller, patch: [{{op: add, path: {args}/-, value: --concurrent=4}}]}}
    shards: [a, b]"""
    _, *problems = shown(preview(tmp_path, STACK % patches, catalog=None, register=False), tmp_path).splitlines()

    twice = "Objects would be reconciled by two controllers, or by none."
    assert sorted(each.removeprefix("Pulumi.fixture.yaml:").replace("gitops:flux.", "") for each in problems) == [
        "7 patches[0].patch.spec.template.spec.containers[0].args: lacks --watch-label-selector: a patch replaces the whole list. "
        f"{twice} Write flags.source-controller instead, which sets flags by name.",
        f"8 patches[1].patch: sets --watch-label-selector, which shards also sets. {twice} Remove the flag, or the shards.",
        f"9 patches[2].patch: lacks --watch-label-selector: a patch removes it. {twice} "
        "Write flags.helm-controller instead, which sets flags by name.",
    ]


@pytest.mark.parametrize(
    "change",
    [
        "spec: {template: {metadata: {labels: null}}}",
        "spec: {selector: {matchLabels: null}}",
        "spec: {selector: null}",
        "spec: {template: {spec: {containers: null}}}",
        "spec: null",
    ],
)
def test_a_patch_that_breaks_a_controller_is_one_fault_with_shards_too(change: str, tmp_path: Path) -> None:
    patches = f"      - {{kind: Deployment, name: source-controller, patch: {{{change}}}}}\n    shards: [a]"
    count, *problems = shown(preview(tmp_path, STACK % patches, catalog=None, register=False), tmp_path).splitlines()

    assert count.startswith("1 problem;"), problems
    assert problems[0].startswith("Pulumi.fixture.yaml:7 gitops:flux.patches[0].patch")


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
