"""A stack's choice of the catalog becomes the arguments of components."""

from typing import Any

import pytest

from flux.bodies import HELM_CHART_LAYER
from flux.owners_mark import OwnersMark
from stacks.choosing.choose import choose
from stacks.choosing.chosen import Chosen
from stacks.choosing.planned_body import PlannedBody
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.validation import validate
from stacks.words.problems import Problem
from tests.documents import document
from tests.keys import host_key

CATALOG: dict[str, Any] = {
    "hosts": {
        "gitea": {"url": "https://git.test/org/"},
        "github": {"url": "ssh://git@github.test/org", "knownHosts": f"github.test {host_key('a')}"},
        "mirror": {"url": "ssh://git@mirror.test/org", "knownHosts": f"mirror.test {host_key('b')}\nmirror.test {host_key('c')}\n"},
        "registry": {"url": "oci://registry.test/charts"},
    },
    "defaults": {"GitRepository": {"interval": "15m", "ref": {"branch": "main"}}, "Kustomization": {"interval": "1h", "prune": True}},
    "git": {
        "homelab": {"from": "github/homelab", "credential": "deploy"},
        "argo-workflows": {"from": "gitea/argo", "groups": ["ml"]},
        "tagged": {"from": "gitea/tagged.git", "groups": ["ml"], "spec": {"ref": {"branch": None, "tag": "v1"}}},
        "elsewhere": {"url": "https://other.test/repository", "groups": ["other"]},
    },
    "helm": {
        "jetstack": "https://charts.test",
        "tiny": {"from": "registry/tiny", "groups": ["ml"]},
        "old": {"url": "oci://registry.test/old", "kind": "HelmRepository", "groups": ["ml"]},
    },
    "oci": {"fleet": {"url": "oci://registry.test/manifests/fleet", "groups": ["ml"]}},
    "kustomizations": {
        "apps": {"inherit": ["path"], "spec": {"sourceRef": {"kind": "GitRepository", "name": "homelab"}, "path": "./apps"}},
    },
}
STACK: dict[str, Any] = {
    "environment": "development",
    "cluster": {"name": "dev", "context": "c", "server": "https://127.0.0.1:6443", "caSha256": "0" * 64},
    "flux": {"manifests": "./manifests"},
    "credentials": {"deploy": {"type": "ssh"}, "read": {"type": "basic", "username": "flux"}},
    "use": ["base"],
}


def chosen_from(catalog: dict[str, Any] | None = None, **stack: Any) -> tuple[Chosen, list[str]]:
    problems: list[Problem] = []
    catalog_model = validate(Catalog, document({**CATALOG, **(catalog or {})}, "catalog", "catalog"), problems)
    stack_model = validate(Stack, document({**STACK, **stack}, "stack"), problems)
    assert catalog_model is not None, problems
    assert stack_model is not None, problems
    chosen = choose(catalog_model, stack_model, problems, OwnersMark.of("gitops", "test", "test"))
    return chosen, list(dict.fromkeys(str(problem) for problem in problems))


def choice(catalog: dict[str, Any] | None = None, **stack: Any) -> Chosen:
    chosen, problems = chosen_from(catalog, **stack)
    assert problems == []
    return chosen


def git(chosen: Chosen, name: str) -> PlannedBody:
    return chosen.of_kind("GitRepository")[name]


def written(body: PlannedBody) -> dict[str, Any]:
    """Its spec without what the program fills in."""
    return {field: value for field, value in body.spec.items() if field not in body.filled}


def kustomization(chosen: Chosen, name: str = "apps") -> PlannedBody:
    return chosen.of_kind("Kustomization")[name]


def complaint(catalog: dict[str, Any] | None = None, **stack: Any) -> str:
    problems = chosen_from(catalog, **stack)[1]
    assert len(problems) == 1, problems
    return problems[0]


def test_only_the_groups_that_a_stack_uses_are_chosen() -> None:
    base, both = choice(use=["base"]), choice(use=["base", "ml"])

    kinds = ("GitRepository", "HelmRepository", "OCIRepository", "Kustomization")
    assert [set(base.of_kind(kind)) for kind in kinds] == [{"homelab"}, {"jetstack"}, set(), {"apps"}]
    assert [set(both.of_kind(kind)) for kind in kinds[:3]] == [
        {"homelab", "argo-workflows", "tagged"},
        {"jetstack", "old"},
        {"tiny", "fleet"},
    ]


def test_the_name_of_an_object_need_not_be_the_repositorys() -> None:
    body = git(choice(use=["base", "ml"]), "argo-workflows")

    assert (body.name, body.url) == ("argo-workflows", "https://git.test/org/argo.git")


def test_a_url_on_a_host_ends_in_git_once_and_a_url_of_its_own_stays() -> None:
    chosen = choice(use=["ml", "other"])

    assert git(chosen, "tagged").url == "https://git.test/org/tagged.git"
    assert git(chosen, "elsewhere").url == "https://other.test/repository"


def test_defaults_are_merged_under_a_spec_and_null_removes_one() -> None:
    chosen = choice(use=["base", "ml"])

    assert written(git(chosen, "homelab")) == {"interval": "15m", "ref": {"branch": "main"}}
    assert written(git(chosen, "tagged")) == {"interval": "15m", "ref": {"tag": "v1"}}


def test_an_override_changes_one_entry_of_one_stack() -> None:
    chosen = choice(override={"git/homelab": {"spec": {"interval": "30s", "ref": {"branch": "next"}}}})

    assert written(git(chosen, "homelab")) == {"interval": "30s", "ref": {"branch": "next"}}
    assert written(git(choice(), "homelab")) == {"interval": "15m", "ref": {"branch": "main"}}


def test_null_in_an_override_takes_a_default_away_too() -> None:
    override = {
        "kustomizations/apps": {"spec": {"prune": None, "deletionPolicy": None}},
        "helm/tiny": {"spec": {"layerSelector": None}},
        "git/homelab": {"credential": None, "from": "gitea/homelab"},
    }
    chosen = choice(use=["base", "ml"], override=override)

    assert not {"prune", "deletionPolicy"} & kustomization(chosen).spec.keys()
    assert kustomization(chosen).spec["interval"] == "1h"
    assert written(chosen.of_kind("OCIRepository")["tiny"]) == {}
    assert "secretRef" not in git(chosen, "homelab").spec


def test_an_override_can_move_an_entry_into_a_group() -> None:
    assert "argo-workflows" in choice(override={"git/argo-workflows": {"groups": ["base"]}}).of_kind("GitRepository")


def test_a_host_can_be_elsewhere_for_one_stack() -> None:
    chosen = choice(use=["base", "ml"], hosts={"gitea": {"url": "http://127.0.0.1:3000/org"}})

    assert git(chosen, "argo-workflows").url == "http://127.0.0.1:3000/org/argo.git"
    assert git(chosen, "homelab").url == "ssh://git@github.test/org/homelab.git"


def test_known_hosts_follow_the_host_and_gather_for_each_credential() -> None:
    others = {name: {"from": f"{host}/{name}", "credential": "deploy"} for host, name in (("mirror", "second"), ("github", "third"))}
    catalog = {"git": {**CATALOG["git"], **others}}

    chosen = choice(catalog)

    assert chosen.known_hosts == {
        "deploy": [f"github.test {host_key('a')}", f"mirror.test {host_key('b')}", f"mirror.test {host_key('c')}"],
    }
    moved = choice(hosts={"github": {"url": "ssh://git@x.test/y", "knownHosts": f"x.test {host_key('d')}"}})
    assert moved.known_hosts == {"deploy": [f"x.test {host_key('d')}"]}


def test_charts_from_oci_become_oci_repositories_that_select_the_chart() -> None:
    chosen = choice(use=["ml"])

    assert chosen.of_kind("OCIRepository")["tiny"].url == "oci://registry.test/charts/tiny"
    assert chosen.of_kind("OCIRepository")["tiny"].spec is not None
    assert chosen.of_kind("OCIRepository")["tiny"].spec["layerSelector"] == HELM_CHART_LAYER
    assert chosen.of_kind("HelmRepository")["old"].url == "oci://registry.test/old"


def test_destroy_decides_what_happens_to_what_flux_applied_unless_the_entry_says_so() -> None:
    own = {"kustomizations/apps": {"spec": {"deletionPolicy": "MirrorPrune"}}}

    assert kustomization(choice(onDestroy="keepWorkloads")).spec["deletionPolicy"] == "Orphan"
    assert kustomization(choice(onDestroy="removeWorkloads")).spec["deletionPolicy"] == "WaitForTermination"
    assert kustomization(choice(onDestroy="keepWorkloads", override=own)).spec["deletionPolicy"] == "MirrorPrune"


BUCKET = {
    "apiVersion": "source.toolkit.fluxcd.io/v1",
    "kind": "Bucket",
    "metadata": {"name": "models"},
    "spec": {"bucketName": "models", "endpoint": "s3.test"},
}


def test_any_other_object_is_taken_verbatim_with_defaults_of_its_kind() -> None:
    catalog = {"objects": [{"object": BUCKET}], "defaults": {"Bucket": {"interval": "5m"}}}

    bucket = choice(catalog).of_kind("Bucket")["models"]

    assert bucket.body["apiVersion"] == "source.toolkit.fluxcd.io/v1"
    assert bucket.spec == {"interval": "5m", "bucketName": "models", "endpoint": "s3.test"}
    assert choice({"objects": [{"object": BUCKET, "groups": ["other"]}]}).of_kind("Bucket") == {}


@pytest.mark.parametrize(
    ("catalog", "stack", "message"),
    [
        (
            {},
            {"use": ["base", "mll"]},
            "stack use[1]: no catalog entry is in group 'mll'. It would select nothing. Did you mean `ml`?",
        ),
        (
            {},
            {"override": {"git/homlab": {}}},
            "the catalog has no git/homlab. The override would have no effect. Did you mean `git/homelab`?",
        ),
        ({}, {"hosts": {"x": {}}}, "stack hosts.x: the catalog has no host 'x'"),
        ({}, {"credentials": {}}, "catalog git.homelab.credential: the stack has no credential 'deploy'. Flux could not fetch"),
    ],
)
def test_what_cannot_be_resolved_is_told_with_its_place(catalog: dict[str, Any], stack: dict[str, Any], message: str) -> None:
    assert message in complaint(catalog, **stack)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "must have exactly one of `from` and `url`"),
        ({"from": "gitea/a", "url": "https://x.test"}, "must have exactly one of `from` and `url`"),
        ({"from": "gitea"}, "catalog git.a.from: is not of the form host/repository"),
        ({"url": "git@github.com:org/a.git"}, "catalog git.a.url: is in the short form of scp"),
        ({"url": "https://x.test", "branch": "main"}, "catalog git.a.branch: is an unknown key"),
    ],
)
def test_an_entry_that_is_none_is_refused(entry: dict[str, Any], message: str) -> None:
    problems: list[Problem] = []

    validate(Catalog, document({"git": {"a": entry}}, "catalog"), problems)
    assert any(message in str(problem) for problem in problems), problems


def test_labels_and_annotations_reach_every_kind_of_entry_beside_those_of_the_stack() -> None:
    marks = {"labels": {"sharding.fluxcd.io/key": "shard1"}, "annotations": {"pulumi.com/waitFor": "condition=Ready"}}
    own = {"pulumi.com/patchFieldManager": "gitops.daviestechlabs.io", "pulumi.com/deletionPropagationPolicy": "background"}
    bucket = {**BUCKET, "metadata": {"name": "models", **marks}}
    entry = {"url": "https://example.org/x.git", **marks}
    chosen = choice(
        {
            "git": {"marked": entry},
            "helm": {"marked": {**entry, "url": "https://charts.example.org"}},
            "kustomizations": {"marked": {"spec": {}, **marks}},
            "objects": [{"object": bucket}],
        }
    )

    assert len(chosen.bodies) == 4
    for metadata in (each.body["metadata"] for each in chosen.bodies):
        assert metadata["annotations"] == {**own, **marks["annotations"]}
        assert metadata["labels"] == {
            "app.kubernetes.io/managed-by": "pulumi",
            "app.kubernetes.io/part-of": "gitops",
            "gitops.daviestechlabs.io/stack": "gitops.test",
            "gitops.daviestechlabs.io/cluster": "test",
            **marks["labels"],
        }


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ("labels", "gitops.daviestechlabs.io/stack"),
        ("labels", "gitops.daviestechlabs.io/cluster"),
        ("annotations", "pulumi.com/patchFieldManager"),
    ],
)
def test_nobody_else_may_write_the_owners_mark(part: str, key: str) -> None:
    marked = {part: {key: "mine"}}

    for catalog in (
        {"git": {"x": {"url": "https://example.org/x.git", **marked}}},
        {"kustomizations": {"x": {"spec": {}, **marked}}},
        {"objects": [{"object": {**BUCKET, "metadata": {"name": "x", **marked}}}]},
    ):
        _, (told,) = chosen_from(catalog)
        assert f"sets {key}, the owner's mark, which only the program itself sets" in told


@pytest.mark.parametrize(
    ("section", "entry", "place", "told"),
    [
        ("git", {"url": "oci://ghcr.io/a/b"}, "catalog git.x.url", "is an oci:// URL, which no GitRepository fetches"),
        ("git", {"from": "registry/b"}, "catalog git.x.from", "leads to an oci:// URL, which no GitRepository fetches"),
        ("helm", {"url": "https://git.test/org/charts.git"}, "catalog helm.x.url", "is the URL of a Git repository, not of charts"),
        ("oci", {"from": "gitea/fleet"}, "catalog oci.x.from", "does not lead to an oci:// URL"),
        ("helm", "ssh://git@git.test/org/charts", "catalog helm.x", "is the URL of a Git repository, not of charts"),
    ],
)
def test_a_source_in_the_section_of_another_kind_is_told_where_it_belongs(section: str, entry: Any, place: str, told: str) -> None:
    chosen, problems = chosen_from({section: {**CATALOG[section], "x": entry}})
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"{place}: ")
    assert told in problems[0]
    assert f"ove the entry to `{'oci' if section == 'git' else 'git'}`" in problems[0]
    assert "https://ghcr.io" not in problems[0]
    assert not [body for body in chosen.bodies if body.name == "x"]
