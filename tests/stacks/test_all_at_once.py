"""One mistake hides no other, and none is told that is there only because of another."""

import re
from pathlib import Path

import pytest

from tests.keys import host_key
from tests.stack_files import preview, shown

PIN = "server: https://10.0.0.1:6443, caSha256: " + "ab" * 32
STACK = f"""\
config:
  gitops:environment: production
  gitops:cluster: {{name: homelab, context: admin@homelab, {PIN}}}
  gitops:flux:
    manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:{"0" * 64}
  gitops:age: {{keys: {{"2026-11": supplied}}}}
  gitops:credentials:
    deploy: {{type: ssh}}
    read: {{type: basic, username: flux}}
  gitops:variables: {{CLUSTER_NAME: homelab}}
  gitops:externalKustomizations: [infra]
  gitops:override:
    git/tools: {{spec: {{interval: 5m}}}}
  gitops:use: [base, ml]
  gitops:onDestroy: keepWorkloads
"""
CATALOG = """\
hosts:
  github: {url: ssh://git@github.test/org, knownHosts: github.test <host key>}
  gitea: {url: https://git.test/org}
defaults:
  GitRepository: {interval: 15m, ref: {branch: main}}
  HelmRepository: {interval: 1h}
  Kustomization: {interval: 1h, prune: true}
git:
  homelab: {from: github/homelab, credential: deploy}
  tools: {from: gitea/tools, credential: read}
  models: {from: gitea/models, groups: [ml]}
helm:
  charts: https://charts.test
kustomizations:
  vars:
    spec: {sourceRef: {kind: GitRepository, name: homelab}, path: ./vars, decryption: {provider: sops}}
  apps:
    inherit: [decryption]
    spec:
      sourceRef: {kind: GitRepository, name: homelab}
      path: ./apps
      dependsOn: [{name: vars}, {name: infra}]
      decryption: {provider: sops}
      postBuild: {substituteFrom: [{kind: ConfigMap, name: stack-vars}]}
objects:
  - object:
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: Bucket
      metadata: {name: data}
      spec: {interval: 5m, endpoint: s3.test, bucketName: data}
  - object:
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata: {name: app}
      spec: {interval: 5m, chart: {spec: {chart: app, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts}}}}
  - object:
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: data}
      spec: {sourceRef: {kind: Bucket, name: data}, path: ./data}
""".replace("<host key>", host_key())


def told(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """Key paths of the problems, and the first words of each, after `changes` to the stack file and the catalog."""
    text = f"{STACK}---\n{CATALOG}"
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the files"
        text = text.replace(old, new)
    record = preview(folder, text, catalog="", register=False)
    assert record.exception is None or record.exit_code == 32, repr(record.exception)
    count, *problems = shown(record, folder).splitlines() or ["0 problems"]
    assert int(count.split()[0]) == len(problems)
    return [re.sub(r"^\S+:\d+ ", "", problem) for problem in problems]


def test_the_files_themselves_are_right(tmp_path: Path) -> None:
    assert told(tmp_path) == []


ONE_MISTAKE: list[tuple[str, str, str]] = [
    # a fault, and what else would be told if what is set aside because of it were missed
    ("environment: production", "environment: prod", "gitops:environment: is not an allowed value"),
    ("context: admin@homelab, ", "", "gitops:cluster.context: is required but missing"),
    ("name: homelab, context", "name: Homelab, context", "gitops:cluster.name: is not a Kubernetes name"),
    ("server: https:", "server: http:", "gitops:cluster.server: is not encrypted"),
    ("{name: homelab, context: admin@homelab, " + PIN + "}", "homelab", "gitops:cluster: must be a map"),
    ("    manifests: ", "    manifests: ~/", "gitops:flux.manifests: begins with ~"),
    ("    manifests: ", "    size: huge\n    manifests: ", "gitops:flux.size: is not an allowed value"),
    ("    manifests: ", "    components: [5]\n    manifests: ", "gitops:flux.components[0]: must be text"),
    (
        "    manifests: ",
        "    components: [sorce-controller]\n    manifests: ",
        'gitops:flux.components[0]: "sorce-controller" is not a component',
    ),
    (
        "    manifests: ",
        "    flags: {kustomize-controller: {a: 0.5}}\n    manifests: ",
        "gitops:flux.flags.kustomize-controller.a: must be text",
    ),
    ('{keys: {"2026-11": supplied}}', '{keys: {"2026-11": suplied}}', "gitops:age.keys.2026-11: is not the origin of an age key"),
    ('{keys: {"2026-11": supplied}}', "[x]", "gitops:age: must be a map"),
    ("deploy: {type: ssh}", "deploy: {type: shh}", "gitops:credentials.deploy: has an unknown type"),
    ("read: {type: basic, username: flux}", "read: {type: basic}", "gitops:credentials.read.username: is required but missing"),
    ("{CLUSTER_NAME: homelab}", "{CLUSTER_NAME: 5}", "gitops:variables.CLUSTER_NAME: must be text"),
    ("{CLUSTER_NAME: homelab}", "[homelab]", "gitops:variables: must be a map"),
    ("[infra]", "infra", "gitops:externalKustomizations: must be a list"),
    ("[infra]", "[5]", "gitops:externalKustomizations[0]: must be text"),
    ("git/tools: {spec: {interval: 5m}}", "git/tools: 5m", "gitops:override.git/tools: must be a map"),
    ("git/tools: {spec: {interval: 5m}}", "git/homelab: 5m", "gitops:override.git/homelab: must be a map"),
    ("git/tools: {spec: {interval: 5m}}", "git/tools: {groups: base}", "gitops:override.git/tools.groups: must be a list"),
    ("git/tools: {spec: {interval: 5m}}", "git/tools: {url: https://git.test/a}", "gitops:override.git/tools: must have exactly one"),
    ("  gitops:use: [base, ml]\n", "", "gitops:use: is required but missing"),
    ("use: [base, ml]", "use: base", "gitops:use: must be a list"),
    ("use: [base, ml]", "use: [Base, ml]", "gitops:use[0]: is not a group name"),
    ("use: [base, ml]", "use: [Base]", "gitops:use[0]: is not a group name"),
    ("use: [base, ml]", "use: []", "gitops:use: is empty"),
    ("onDestroy: keepWorkloads", "onDestroy: keep", "gitops:onDestroy: is not an allowed value"),
    ("gitops:environment:", "gitops:enviroment:", "gitops:enviroment: is an unknown key"),
    ("gitops:cluster:", "gitops:clutser:", "gitops:clutser: is an unknown key"),
    ("gitops:flux:", "gitops:fluxx:", "gitops:fluxx: is an unknown key"),
    ("gitops:age:", "gitops:ages:", "gitops:ages: is an unknown key"),
    ("gitops:credentials:", "gitops:credentails:", "gitops:credentails: is an unknown key"),
    ("gitops:variables:", "gitops:variable:", "gitops:variable: is an unknown key"),
    ("gitops:externalKustomizations:", "gitops:externalKustomization:", "gitops:externalKustomization: is an unknown key"),
    ("gitops:use:", "gitops:uses:", "gitops:uses: is an unknown key"),
    ("gitops:onDestroy:", "gitops:onDestory:", "gitops:onDestory: is an unknown key"),
    ("url: ssh://git@github.test/org", "url: github.test/org", "hosts.github.url: has no scheme"),
    ("url: ssh://git@github.test/org", "url: http//localhost/org", "hosts.github.url: lacks the colon after its scheme"),
    ("  gitea: {url: https://git.test/org}", "  gitea: https://git.test/org", "hosts.gitea: must be a map"),
    ("  GitRepository: {interval: 15m, ref: {branch: main}}", "  GitRepository: 15m", "defaults.GitRepository: must be a map"),
    ("  Kustomization: {interval: 1h, prune: true}", "  Kustomization: 1h", "defaults.Kustomization: must be a map"),
    ("github/homelab, credential: deploy", "github/homelab, credential: 5", "git.homelab.credential: must be text"),
    ("{from: github/homelab, credential: deploy}", "github/homelab", "git.homelab: must be a map"),
    ("{from: github/homelab, credential: deploy}", "{credential: deploy}", "git.homelab: must have exactly one"),
    ("from: github/homelab", "from: gihtub/homelab", "git.homelab.from: the catalog has no host"),
    ("  charts: https://charts.test", "  charts: charts.test", "helm.charts: has no scheme"),
    (
        "  tools: {from: gitea/tools, credential: read}",
        "  tools: {from: gitea/tools, credential: read, groups: base}",
        "git.tools.groups: must",
    ),
    ("groups: [ml]", "groups: [Ml]", "git.models.groups[0]: is not a group name"),
    ("groups: [ml]", "groups: [ml, 5]", "git.models.groups[1]: must be text"),
    ("  vars:\n    spec:", "  vars:\n    sepc:", "kustomizations.vars.sepc: is an unknown key"),
    (
        "metadata: {name: data}\n      spec: {interval: 5m, endp",
        "metadata: {name: data, namespace: x}\n      spec: {interval: 5m, endp",
        "objects[0]",
    ),
]


@pytest.mark.parametrize(("old", "new", "first"), ONE_MISTAKE, ids=lambda text: text.strip().replace("\n", " ")[:40])
def test_one_mistake_is_told_alone(old: str, new: str, first: str, tmp_path: Path) -> None:
    problems = told(tmp_path, (old, new))

    assert any(problem.startswith(first) for problem in problems), problems
    assert len(problems) == 1, problems


SECTIONS = [(r"hosts", "[]"), ("defaults", "5"), ("git", "[]"), ("helm", "text"), ("kustomizations", "[]"), ("objects", "{}")]


@pytest.mark.parametrize(("section", "instead"), SECTIONS)
def test_a_whole_section_that_is_wrong_is_told_alone(section: str, instead: str, tmp_path: Path) -> None:
    found = re.search(rf"^{section}:\n(  .*\n)+", CATALOG, re.MULTILINE)
    assert found is not None

    (problem,) = told(tmp_path, (found[0], f"{section}: {instead}\n"))

    assert problem.startswith(f"{section}: must be")


OTHERS = [
    ("from: gitea/models", "from: gitea/models, credential: raed"),
    ("endpoint: s3.test", "endpont: s3.test"),
    ("path: ./data", "path: ./data, timeout: 2"),
    ("{name: infra}]", "{name: infro}]"),
]
EXPECTED = (
    "git.models.credential: the stack has no credential 'raed'",
    "objects[0].object.spec.endpont: ",
    "objects[2].object.spec.timeout: ",
    'kustomizations.apps.spec.dependsOn[1]: names Kustomization "infro"',
)


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ("environment: production", "environment: prod", "gitops:environment: is not an allowed value"),
        ("{name: homelab, context: admin@homelab, " + PIN + "}", "homelab", "gitops:cluster: must be a map"),
        ("    manifests: ", "    size: huge\n    manifests: ", "gitops:flux.size: is not an allowed value"),
        (
            "    manifests: ",
            "    components: [sorce-controller]\n    manifests: ",
            'gitops:flux.components[0]: "sorce-controller" is not a component',
        ),
        ("deploy: {type: ssh}", "deploy: {type: shh}", "gitops:credentials.deploy: has an unknown type"),
        ("git/tools: {spec: {interval: 5m}}", "git/tools: 5m", "gitops:override.git/tools: must be a map"),
        ("url: ssh://git@github.test/org", "url: github.test/org", "hosts.github.url: has no scheme"),
        ("  GitRepository: {interval: 15m, ref: {branch: main}}", "  HelmChart: 15m", "defaults.HelmChart: must be a map"),
        ("{from: github/homelab, credential: deploy}", "{credential: deploy}", "git.homelab: must have exactly one"),
        ("  vars:\n    spec:", "  vars:\n    sepc:", "kustomizations.vars.sepc: is an unknown key"),
    ],
    ids=lambda text: text.strip().replace("\n", " ")[:40],
)
def test_a_mistake_hides_no_other(old: str, new: str, first: str, tmp_path: Path) -> None:
    problems = told(tmp_path, (old, new), *OTHERS)

    for expected in (first, *EXPECTED):
        assert any(problem.startswith(expected) for problem in problems), f"{expected} is not among {problems}"


def test_where_it_is_unknown_what_a_stack_uses_every_body_is_judged_by_its_schema(tmp_path: Path) -> None:
    problems = told(tmp_path, ("  gitops:use: [base, ml]\n", ""), *OTHERS)

    assert problems[0].startswith("gitops:use: is required")
    assert [problem.partition(": ")[0] for problem in problems[1:]] == [
        "objects[0].object.spec.endpont",
        "objects[2].object.spec.timeout",
    ]


def test_a_faulty_item_of_a_list_does_not_move_the_places_of_those_behind_it(tmp_path: Path) -> None:
    problems = told(tmp_path, ("kind: Bucket\n", "kind: 5\n"), ("use: [base, ml]", "use: [Base, base, lm]"), *OTHERS[2:3])

    places = [problem.partition(": ")[0] for problem in problems]
    assert places == ["gitops:use[0]", "gitops:use[2]", "objects[0].object.kind", "objects[2].object.spec.timeout"]


def test_all_that_is_wrong_with_the_installation_is_told_at_once(tmp_path: Path) -> None:
    flux = (
        "    components: [source-controller, kustomize-controler]\n    flags: {kustomize-controller: {a: 1}, x-controller: {a: 1}}\n"
        "    patches: [{kind: Deployment, name: gone, patch: {}}, {kind: Secret, name: gone, patch: {}}]\n    manifests: "
    )

    problems = told(tmp_path, ("    manifests: ", flux), OTHERS[1])

    assert [problem.partition(": ")[0] for problem in problems] == [
        "gitops:flux.components[1]",
        "gitops:flux.flags.x-controller",
        "gitops:flux.flags.kustomize-controller.a",
        "gitops:flux.patches[0]",
        "gitops:flux.patches[1]",
        "objects[0].object.spec.endpont",
    ]


def test_a_catalog_that_is_no_yaml_hides_nothing_of_the_stack_file(tmp_path: Path) -> None:
    problems = told(tmp_path, ("  gitea: {url: https://git.test/org}", "  gitea: {url"), ("onDestroy: keepWorkloads", "onDestroy: keep"))

    assert len(problems) == 2, problems


def test_a_key_given_twice_hides_nothing(tmp_path: Path) -> None:
    problems = told(
        tmp_path, ("  gitea: {url: https://git.test/org}", "  gitea: {url: https://git.test/org, url: https://git.test/org}"), OTHERS[1]
    )

    assert [problem.partition(": ")[0] for problem in problems] == [
        "hosts.gitea.url",
        "objects[0].object.spec.endpont",
    ]
