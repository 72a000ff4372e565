"""What becomes of a catalog that is there."""

import hashlib

import pytest
import yaml

from flux.errors import FluxInputError
from flux.message import Message
from gitops.new.planning import EXAMPLE_SHA256
from tests.engine import REPOSITORY
from tests.gitops.new.clone import ANSWERS, PUBLIC, Clone


def test_a_second_cluster_uses_what_the_catalog_has(clone: Clone) -> None:
    assert clone.run("homelab", *ANSWERS, *PUBLIC)[0] == 0
    before = clone.catalog.read_text()

    code, out, err = clone.run("second", *ANSWERS, *PUBLIC, "--path", "clusters/second")

    assert code == 0, out + err
    assert clone.catalog.read_text() == before
    assert clone.stack("second")["gitops:use"] == ["base"]
    assert clone.stack("second")["gitops:override"] == {"kustomizations/homelab": {"spec": {"path": "./clusters/second"}}}
    assert "has the repository already, as git.homelab" in out
    assert "  git add Pulumi.second.yaml  " in out, "the catalog stays as it is"


def test_secrets_that_other_sources_of_the_group_need_are_among_the_next_steps(clone: Clone) -> None:
    assert clone.run("homelab", *ANSWERS, *PUBLIC)[0] == 0
    private = "  private: {from: git/private, credential: gitea-read}\n  over-ssh: {url: ssh://git@git.example.org/x, credential: deploy}\n"
    other = "  other: {from: git/other, credential: other-read, groups: [other]}\n"
    clone.catalog.write_text(clone.catalog.read_text().replace("kustomizations:\n", f"{private}{other}kustomizations:\n"))

    code, out, _ = clone.run("second", *ANSWERS, *PUBLIC)

    assert code == 1
    assert "the stack has no credential 'gitea-read'" in " ".join(out.split())
    steps = out.partition("Next:\n")[2]
    assert "pulumi config set --secret gitops:gitea-read-password" in steps.partition("pulumi preview")[0]
    assert "pulumi config set --secret gitops:deploy-identity" in steps.partition("pulumi preview")[0]
    assert "other-read" not in out, "the stack does not use its group"


def test_the_secret_of_a_second_cluster_has_the_name_that_the_catalog_has(clone: Clone) -> None:
    assert clone.run("homelab", *ANSWERS, *PUBLIC)[0] == 0
    clone.catalog.write_text(clone.catalog.read_text().replace("{from: git/homelab}", "{from: git/homelab, credential: theirs}"))

    code, out, err = clone.run("second", *ANSWERS, *PUBLIC, "--login", "token")

    assert code == 0, out + err
    assert list(clone.stack("second")["gitops:credentials"]) == ["theirs"]
    assert "pulumi config set --secret gitops:theirs-password " in out
    assert out.count("pulumi config set") == 1


def test_a_login_that_the_catalogs_entry_does_not_have_is_refused(clone: Clone) -> None:
    assert clone.run("homelab", *ANSWERS, *PUBLIC)[0] == 0
    code, _, err = clone.run("second", *ANSWERS, *PUBLIC, "--login", "token")
    assert code == 2
    assert "has this repository as git.homelab without a credential" in err
    assert not (clone.folder / "Pulumi.second.yaml").exists()


def test_a_catalog_without_the_repository_stays_and_its_new_entries_are_shown(clone: Clone) -> None:
    assert clone.run("homelab", *ANSWERS, *PUBLIC)[0] == 0
    before = clone.catalog.read_text()

    code, out, _ = clone.run("other", *ANSWERS, *PUBLIC, "--git-url", "https://git.example.org/you/other")

    assert code == 1
    assert clone.catalog.read_text() == before
    assert "git add Pulumi.other.yaml catalog.yaml  " in out, "with the lines to add"
    shown = yaml.safe_load(out.partition("to its section:\n")[2].partition("Next:")[0])
    whole = yaml.safe_load(before)
    merged = {section: {**whole.get(section, {}), **entries} for section, entries in {**whole, **shown}.items()}
    clone.catalog.write_text(yaml.safe_dump(merged))
    from stacks.offline import load_settings_offline

    chosen = load_settings_offline("other").chosen
    assert list(chosen.of_kind("GitRepository")) == ["other"], "nothing else of the catalog comes along"


HAS_THE_NAMES = """
git: {other: {url: https://git.elsewhere.example/other, groups: [cluster]}, plain: {url: https://git.elsewhere.example/p}}
kustomizations: {other-2: {groups: [x], spec: {sourceRef: {kind: GitRepository, name: plain}}}}
objects: [{groups: [x], object: {kind: GitRepository, metadata: {name: other-3}}}]
hosts: {cluster-2-git: {url: https://git.elsewhere.example}}
"""


def test_new_entries_never_have_names_that_the_catalog_has_and_that_is_said(clone: Clone) -> None:
    clone.catalog.write_text(HAS_THE_NAMES)
    code, out, err = clone.run("cluster", *ANSWERS, *PUBLIC, "--git-url", "https://git.example.org/you/other")
    assert code == 1, out + err
    shown = yaml.safe_load(out.partition("to its section:\n")[2].partition("Next:")[0])
    has = yaml.safe_load(HAS_THE_NAMES)
    assert not any(set(shown[section]) & set(has[section]) for section in ("git", "kustomizations", "hosts"))
    assert list(shown["git"]) == list(shown["kustomizations"]) == ["other-4"]
    assert shown["kustomizations"]["other-4"]["spec"]["sourceRef"]["name"] == "other-4"
    assert clone.stack("cluster")["gitops:use"] == ["cluster-2"] == shown["git"]["other-4"]["groups"]
    assert "The catalog has an entry other already, so the new entries are called other-4.\n" in out
    assert "The catalog has entries in group cluster already, so the new entries are in group cluster-2.\n" in out


@pytest.mark.thorough
def test_a_replaced_catalog_is_undone_with_git(clone: Clone) -> None:
    clone.catalog.write_text("hosts: {}\n")
    clone.commit()
    out = clone.run("homelab", *ANSWERS, *PUBLIC, "--replace-catalog")[1]
    assert "first undo this: rm Pulumi.homelab.yaml && git checkout HEAD -- catalog.yaml\n" in out


def test_a_catalog_that_stays_is_not_undone(clone: Clone) -> None:
    clone.catalog.write_text("hosts: {}\n")
    assert "first undo this: rm Pulumi.homelab.yaml\n" in clone.run("homelab", *ANSWERS, *PUBLIC)[1]


@pytest.mark.thorough
def test_a_catalog_is_replaced_only_when_git_still_has_it(clone: Clone) -> None:
    clone.catalog.write_text("hosts: {}\n")
    replacing = ["homelab", *ANSWERS, *PUBLIC, "--replace-catalog"]
    code, _, err = clone.run(*replacing)
    assert code == 2
    assert "has uncommitted changes" in err
    assert clone.catalog.read_text() == "hosts: {}\n"

    clone.commit()
    (clone.folder / "Pulumi.example.yaml").write_text("config: {}\n")
    code, out, err = clone.run(*replacing)
    assert code == 0, out + err
    assert "homelab" in clone.catalog.read_text()
    assert not list(clone.catalog.parent.glob(".*new"))


@pytest.mark.thorough
def test_stacks_of_a_catalog_that_was_replaced_are_named(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.catalog.write_text("hosts: {}\n")
    (clone.folder / "Pulumi.example.yaml").write_text("config: {}\n")
    clone.commit()
    out = clone.run("homelab", *ANSWERS, *PUBLIC, "--replace-catalog")[1]
    assert "Pulumi.example.yaml: written for the replaced catalog." in out


@pytest.mark.thorough
def test_the_examples_catalog_goes_where_a_person_does_not_say_otherwise(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = (REPOSITORY / "catalog.yaml").read_bytes()
    assert hashlib.sha256(shipped).hexdigest() == EXAMPLE_SHA256, "put the digest of the changed catalog.yaml into gitops/new/planning.py"
    clone.catalog.write_bytes(shipped)
    clone.commit()
    monkeypatch.setattr("gitops.new.app.is_terminal", lambda: True)
    known = [argument for argument in (*ANSWERS, *PUBLIC) if argument != "--yes"]
    code, out, err = clone.run("homelab", *known, typed="\nyes\n\n\nno\n\n")
    assert code == 0, out + err
    assert "The answer is not one of keep, replace. Nothing was written. Write keep or replace." in err
    assert clone.catalog.read_bytes() != shipped


def test_a_catalog_that_stays_does_not_hide_that_fluxs_digest_is_missing(clone: Clone) -> None:
    clone.catalog.write_text("hosts: {}\n")
    clone.digest = FluxInputError(Message("out of reach"))
    out = clone.run("homelab", *ANSWERS, *PUBLIC)[1]
    assert "\nIn Pulumi.homelab.yaml, gitops:flux.manifests has no digest yet: " in out
    assert "gitops digest ghcr.io/fluxcd/flux-manifests:v2.9.4\n" in out


def test_an_entry_called_as_the_key_of_fluxs_manifests_does_not_hide_its_fault(clone: Clone) -> None:
    assert clone.run("homelab", *ANSWERS, *PUBLIC)[0] == 0
    written = yaml.safe_load(clone.catalog.read_text())
    written["kustomizations"]["gitops:flux.manifests"] = {"spce": {}}
    clone.catalog.write_text(yaml.safe_dump(written))
    clone.digest = FluxInputError(Message("out of reach"))

    out = clone.run("second", *ANSWERS, *PUBLIC, "--path", "clusters/second")[1]

    assert "kustomizations.gitops:flux.manifests.spce: is an unknown key" in " ".join(out.split()), out
    assert out.count("gitops:flux.manifests: has no digest yet") == 1


@pytest.mark.thorough
@pytest.mark.parametrize(("answer", "replaced"), [("", False), ("replace", True)])
def test_a_person_decides_what_becomes_of_a_catalog_that_is_there(
    answer: str, replaced: bool, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.catalog.write_text("hosts: {}\n")
    clone.commit()
    monkeypatch.setattr("gitops.new.app.is_terminal", lambda: True)
    known = [argument for argument in (*ANSWERS, *PUBLIC) if argument != "--yes"]
    code, out, err = clone.run("homelab", *known, typed=f"\nyes\n\n\n{answer}\n")
    assert code == (0 if replaced else 1), out + err
    assert (clone.catalog.read_text() != "hosts: {}\n") is replaced
