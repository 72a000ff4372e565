"""`gitops check` as a person runs it: a stack file, a catalog, a real repository, and no engine."""

import json
import re
from pathlib import Path

import pytest
import yaml

from gitops.check.repository.sops_file import KEYS_IN_METADATA
from gitops.check.requirements import check_requirements
from gitops.errors import CommandError
from stacks.judging.removed_keys import check_against_record
from stacks.offline import load_settings_offline
from stacks.reading.validation import Validated
from stacks.words.problems import Problem
from tests.documents import document
from tests.engine import REPOSITORY
from tests.gitops.check.git_server import git
from tests.gitops.check.samples import FOLDER, RECIPIENTS
from tests.gitops.check.stack import APPLIED, URL, encrypted_for, pushed, run


@pytest.mark.thorough
def test_a_stack_in_which_nothing_is_wrong(clone: Path) -> None:
    code, out, err = run("--stack", "homelab")
    commit = git("rev-parse", "main", at=clone.parent / "repository.git")
    assert (code, err) == (0, "Wrote checked/homelab.yaml: commit it, because previews read it.\n")
    assert out.splitlines() == [
        f"repository  {commit[:8]}  {URL}",
        "  apps/app/app.sops.yaml          2026-11, 1 person",
        "  apps/app/environment.sops.env   2026-11, 1 person",
        "  docs/talos.sops.yaml            1 person \N{EN DASH} not read by the cluster",
        "  vars/cluster-secrets.sops.yaml  2026-11, 1 person",
        "",
        "1 repository, 4 encrypted files, 3 of them in synced paths; 0 errors, 0 warnings",
    ]


@pytest.mark.thorough
def test_the_record_says_what_was_seen_and_is_the_same_each_time(clone: Path) -> None:
    record = clone / "checked" / "homelab.yaml"
    assert run("--stack", "homelab", "--no-record")[0] == 0
    assert not record.exists()
    run("--stack", "homelab")
    first, written = record.read_text(), record.stat().st_mtime_ns
    run("--stack", "homelab")
    both = sorted([RECIPIENTS["current"], RECIPIENTS["person"]])
    assert (record.read_text(), record.stat().st_mtime_ns) == (first, written)
    assert yaml.safe_load(first) == {
        "keys": APPLIED,
        "repositories": [
            {
                "source": "GitRepository/repository",
                "url": URL,
                "commit": git("rev-parse", "main", at=clone.parent / "repository.git"),
                "files": {"apps/app/app.sops.yaml": both, "apps/app/environment.sops.env": both, "vars/cluster-secrets.sops.yaml": both},
            }
        ],
    }
    assert '  "2026-11": age1' in first, "a name may look like a number"
    assert [path.name for path in record.parent.iterdir()] == ["homelab.yaml"]


@pytest.mark.thorough
def test_what_was_known_of_a_repository_that_is_out_of_reach_stays_on_record(clone: Path) -> None:
    record = clone / "checked" / "homelab.yaml"
    run("--stack", "homelab")
    before = record.read_text()
    (clone.parent / "repository.git").rename(clone.parent / "gone.git")
    code, out, _ = run("--stack", "homelab")
    assert code == 1
    assert "error not-checked repository\n  could not be fetched" in out
    assert record.read_text() == before


def test_a_repository_that_was_never_fetched_makes_no_first_record(clone: Path) -> None:
    (clone.parent / "repository.git").rename(clone.parent / "gone.git")
    code, out, _ = run("--stack", "homelab", "-o", "json")
    assert (code, json.loads(out)["record"]) == (1, None)
    assert not (clone / "checked" / "homelab.yaml").exists(), "a preview would take it for a check that found no key needed"


@pytest.mark.thorough
def test_a_file_that_hangs_on_one_key_is_an_error_only_without_that_key(clone: Path) -> None:
    pushed(clone, {"vars/cluster-secrets.sops.yaml": encrypted_for("old")})
    assert run("--stack", "homelab")[0] == 0
    code, out, _ = run("--stack", "homelab", "--without", "2026-05")
    assert code == 1
    assert 'error needs-removed-key repository: vars/cluster-secrets.sops.yaml\n  can be read only by "2026-05"' in out
    assert "2026-05 (leaving)" in out


@pytest.mark.parametrize(
    ("decryption", "services", "needed"),
    [
        ("", 'serviceAccountAnnotations: {iam.gke.io/gcp-service-account: "me"}', {"aws-kms", "azure-kv", "vault", "pgp"}),
        (", secretRef: {name: of-others}", "", set()),
        pytest.param("", "", {"aws-kms", "gcp-kms", "azure-kv", "vault", "pgp"}, marks=pytest.mark.thorough),
        pytest.param("", "keyServices: [vault-token]", {"aws-kms", "gcp-kms", "azure-kv", "pgp"}, marks=pytest.mark.thorough),
        pytest.param(", serviceAccountName: reader", "", {"vault", "pgp"}, marks=pytest.mark.thorough),
    ],
)
def test_the_check_and_the_preview_believe_the_same_of_other_keys(
    decryption: str, services: str, needed: set[str], clone: Path, tmp_path: Path
) -> None:
    stack, catalog = clone / "Pulumi.homelab.yaml", clone / "catalog.yaml"
    named = decryption or (", secretRef: {name: sops-age}" if "keyServices" in services else "")
    catalog.write_text(catalog.read_text().replace("{provider: sops}", f"{{provider: sops{named}}}"))
    gate = "{manifests: ./manifests/v2.9.4, flags: {kustomize-controller: {feature-gates: [ObjectLevelWorkloadIdentity=true]}}}"
    written = stack.read_text().replace(
        "{manifests: ./manifests/v2.9.4}", gate if "serviceAccountName" in decryption else "{manifests: ./manifests/v2.9.4}"
    )
    stack.write_text(written.replace("  gitops:use", f"  gitops:decryption: {{{services}}}\n  gitops:use"))
    pushed(clone, {f"vars/{kind}.sops.yaml": readers_besides("old", key) for key, kind in KEYS_IN_METADATA.items() if key != "hckms"})

    out = json.loads(run("--stack", "homelab", "--without", "2026-05", "-o", "json")[1])
    found = {each["file"] for each in out["findings"] if each["kind"] == "needs-removed-key"}
    assert found == {f"vars/{kind}.sops.yaml" for kind in needed}

    told: list[Problem] = []
    settings = load_settings_offline("homelab")
    later = settings.stack.model_copy(update={"age": settings.stack.age.model_copy(update={"keys": {"2026-11": "supplied"}})})
    check_against_record(settings.check_record, Validated(later, document({})), "homelab", {}, settings.chosen, told)
    assert len(told) == bool(needed)
    assert all(f"but {len(needed)} files that the cluster reads" in str(each) for each in told)


def readers_besides(who: str, key: str) -> str:
    """The encrypted variables of the cluster, which another key of some kind reads, too."""
    sealed = yaml.safe_load(encrypted_for(who))
    sealed["sops"][key] = [{"made": "up"}]
    return str(yaml.safe_dump(sealed))


@pytest.mark.thorough
def test_a_key_that_is_gone_from_the_file_but_still_applied_is_leaving(clone: Path) -> None:
    pushed(clone, {"vars/cluster-secrets.sops.yaml": encrypted_for("old")})
    file = clone / "Pulumi.homelab.yaml"
    file.write_text(file.read_text().replace('"2026-05": supplied, ', ""))
    code, out, _ = run("--stack", "homelab")
    assert (code, "needs-removed-key" in out) == (1, True)


@pytest.mark.thorough
def test_the_secret_of_a_key_service_is_the_stacks_own_although_no_age_key_is_in_it(clone: Path) -> None:
    file, catalog = clone / "Pulumi.homelab.yaml", clone / "catalog.yaml"
    keys = re.compile(r"  gitops:age:\n.*?(?=  gitops:use)", re.DOTALL)
    file.write_text(keys.sub("  gitops:decryption: {keyServices: [vault-token]}\n", file.read_text()))
    catalog.write_text(catalog.read_text().replace("{provider: sops}", "{provider: sops, secretRef: {name: sops-age}}"))
    pushed(clone, {"vars/sops-age.yaml": "{apiVersion: v1, kind: Secret, metadata: {name: sops-age, namespace: flux-system}}"})
    _, out, _ = run("--stack", "homelab")
    assert "Secret/flux-system/sops-age is created by this stack (Pulumi)" in out


@pytest.mark.thorough
def test_json_is_one_document_with_everything(clone: Path) -> None:
    commit = pushed(clone, {"vars/cluster-secrets.sops.yaml": encrypted_for("stranger", "person")})
    code, out, _ = run("--stack", "homelab", "-o", "json")
    found = json.loads(out)
    assert code == 1
    assert {key: found[key] for key in ("version", "stack", "fine", "record")} == {
        "version": 1,
        "stack": "homelab",
        "fine": False,
        "record": str(clone / "checked" / "homelab.yaml"),
    }
    assert [(each["name"], each["commit"]) for each in found["repositories"]] == [("repository", commit)]
    assert found["repositories"][0]["files"][-1] == {
        "file": "vars/cluster-secrets.sops.yaml",
        "synced": True,
        "readers": ["1 person", "1 unknown key"],
        "recipients": sorted([RECIPIENTS["stranger"], RECIPIENTS["person"]]),
    }
    assert [(each["kind"], each["severity"], each["line"]) for each in found["findings"]] == [("unreadable", "error", None)]


@pytest.mark.thorough
def test_the_selected_stack_is_the_one_that_is_meant(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="no stack is selected"):
        run()
    monkeypatch.setenv("SELECTED", "homelab")
    assert run()[0] == 0


@pytest.mark.thorough
def test_a_stack_may_be_named_as_pulumi_names_it_with_organisation_and_project(clone: Path) -> None:
    code, out, err = run("--stack", "me/gitops/homelab", "-o", "json")
    assert (code, err) == (0, "Wrote checked/homelab.yaml: commit it, because previews read it.\n")
    assert json.loads(out)["stack"] == "homelab"
    assert (clone / "checked" / "homelab.yaml").is_file()
    assert (
        clone.parent / "asked"
    ).read_text() == "stack output ageRecipients --stack me/gitops/homelab --json --non-interactive --color never\n"


def test_mistakes_in_the_files_are_told_as_a_preview_tells_them(clone: Path) -> None:
    file = clone / "Pulumi.homelab.yaml"
    file.write_text(file.read_text().replace("gitops:use: [base]", "gitops:use: [bas]"))
    with pytest.raises(CommandError) as told:
        run("--stack", "homelab")
    assert str(told.value).startswith("1 problem; nothing was checked.\nPulumi.homelab.yaml:10 gitops:use[0]: no catalog entry is in group")


def test_a_recipient_that_nobody_knows_is_an_error_that_says_how_to_give_it(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APPLIED")
    with pytest.raises(CommandError, match=r"the recipient of the age key 2026-05, 2026-11 is unknown.*GITOPS_SECRET_AGE_2026_05"):
        run("--stack", "homelab")


def test_a_key_that_there_is_not_cannot_be_taken_away(clone: Path) -> None:
    with pytest.raises(CommandError, match="--without 2025-05: the stack has no such age key"):
        run("--stack", "homelab", "--without", "2025-05")


@pytest.mark.thorough
def test_a_cluster_of_ones_own_is_not_looked_at(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(clone / "nowhere"))
    assert run("--stack", "homelab")[0] == 0


@pytest.mark.thorough
def test_an_unwritable_record_is_told(clone: Path) -> None:
    (clone / "checked").write_text("in the way")
    with pytest.raises(CommandError, match=r"cannot be written .* --no-record"):
        run("--stack", "homelab")


def test_help_names_every_kind_of_finding() -> None:
    from gitops.check.help import CHECK

    assert not [each.name for each in check_requirements() if each.name not in CHECK]


@pytest.mark.thorough
def test_the_page_opens_with_what_the_command_prints(clone: Path) -> None:
    files = ("apps/app/kustomization.yaml", "apps/app/login.yaml", ".sops.yaml")
    plain = {
        path: (FOLDER / sample / path).read_text()
        for sample, path in zip(("plain-secret", "plain-secret", "rule-lacks-newest-key"), files, strict=True)
    }
    plain[".sops.yaml"] = re.sub(r"<(\w+)>", lambda found: RECIPIENTS[found[1]], plain[".sops.yaml"])
    commit = pushed(clone, {**plain, "vars/cluster-secrets.sops.yaml": encrypted_for("old", "person")})

    code, out, _ = run("--stack", "homelab", "--no-record")
    without = run("--stack", "homelab", "--without", "2026-05", "--no-record")[1]
    shown = out.replace(RECIPIENTS["current"], "age1…").replace(commit[:8], "1a2b3c4d")

    page = (REPOSITORY / "docs" / "check.md").read_text(encoding="utf-8")
    assert code == 1
    assert f"$ gitops check --stack homelab\n{shown}$ echo $?\n1\n" in page, shown
    finding = without[without.index("error needs-removed-key") :].split("\n\n")[0]
    assert finding in page, finding


@pytest.mark.thorough
def test_the_page_explains_every_finding_and_every_key_of_the_json(clone: Path) -> None:
    page = (REPOSITORY / "docs" / "check.md").read_text(encoding="utf-8")
    example = json.loads(page.split("```json\n")[1].split("```")[0])
    pushed(clone, {"vars/cluster-secrets.sops.yaml": encrypted_for("old"), "vars/plain.sops.yaml": "made up"})
    real = json.loads(run("--stack", "homelab", "-o", "json", "--no-record")[1])

    assert not [each.name for each in check_requirements() if f"| `{each.name}` |" not in page]
    assert keys_of(example) == keys_of(real)


def keys_of(value: object) -> object:
    if isinstance(value, dict):
        return {key: keys_of(item) for key, item in value.items()}
    return [keys_of(value[0])] if isinstance(value, list) and value else None
