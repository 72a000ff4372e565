import errno
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from flux.errors import FluxInputError
from flux.message import Message
from gitops.new import files
from stacks.contract.names import CATALOG
from tests.gitops.new.clone import ANSWERS, AUTHORITY, CONTEXT, DIGEST, GITHUB, PUBLIC, Clone
from tests.keys import certificate, ssh_key

STACK_FILE = f"""\
# yaml-language-server: $schema=schema/stack.schema.json
# Cluster homelab. What each key means: docs/reference.md
config:
  pulumi:disable-default-providers: [kubernetes]
  gitops:environment: production
  gitops:cluster:
    name: homelab
    context: admin@homelab
    server: https://192.168.1.10:6443
    caSha256: {AUTHORITY}
  gitops:flux:
    manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4@{DIGEST}
  gitops:use: [base]
  gitops:onDestroy: keepWorkloads
"""
CATALOG_FILE = """\
# Sources and Kustomizations, once for all clusters. A stack gets those whose group it uses; without `groups` it is base.
hosts:
  git: {url: https://git.example.org/you}
defaults: # for every object of the kind; an entry's own spec takes precedence
  GitRepository: {interval: 10m, ref: {branch: main}}
  HelmRepository: {interval: 1h}
  OCIRepository: {interval: 1h}
  Kustomization: {interval: 1h, retryInterval: 2m, timeout: 5m, prune: true}
git: # name of the GitRepository: host/repository
  homelab: {from: git/homelab}
kustomizations:
  homelab:
    spec: {sourceRef: {kind: GitRepository, name: homelab}, path: ./clusters/homelab}
"""


def test_two_minimal_files_are_written_and_pass_a_previews_checks(clone: Clone) -> None:
    code, out, err = clone.run("homelab", *ANSWERS, *PUBLIC)

    assert code == 0, out + err
    assert (clone.folder / "Pulumi.homelab.yaml").read_text() == STACK_FILE
    schema, _, rest = clone.catalog.read_text().partition("\n")
    assert rest == CATALOG_FILE
    assert (clone.catalog.parent / schema.partition("$schema=")[2]).resolve() == clone.folder / "schema" / "catalog.schema.json"
    assert out.startswith(f"Wrote Pulumi.homelab.yaml and {CATALOG}. {files.YOURS}\n")


def test_the_next_commands_are_those_of_this_cluster(clone: Clone) -> None:
    out = clone.run("homelab", *ANSWERS, *PUBLIC)[1]

    commands = [line.split("#")[0].strip() for line in out.partition("Next:\n")[2].splitlines()]
    assert commands == [
        'pulumi login "file://$HOME" --non-interactive',
        "pulumi stack init homelab --secrets-provider passphrase",
        "pulumi preview",
        "pulumi up",
        "gitops status -s homelab --wait 300",
        f"git add Pulumi.homelab.yaml {CATALOG}",
        "git commit -m 'feat: cluster homelab'",
    ]


def test_a_kubeconfig_that_pulumi_would_not_find_is_exported_first(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG")
    out = clone.run("homelab", *ANSWERS, *PUBLIC, "--kubeconfig", str(clone.kubeconfig))[1]
    assert f"\n  export KUBECONFIG={clone.kubeconfig}\n" in out.partition("pulumi login")[0]


def test_nobody_to_ask_is_told_every_answer_that_is_missing(clone: Clone) -> None:
    code, out, err = clone.run("--yes")

    assert (code, out) == (2, "")
    for option in ("STACK", "--context NAME", "--git-url URL", "--path DIRECTORY", "--login ANSWER", "--age-key ANSWER"):
        assert f"\n  {option} " in err
    assert "6 answers are missing" in err
    assert "public, token, deploy-key, ssh-key" in err
    assert not list(clone.folder.glob("Pulumi.*.yaml"))


def test_without_a_terminal_nobody_is_asked_either(clone: Clone) -> None:
    assert "5 answers are missing, and there is no terminal to ask at" in clone.run("homelab")[2]


def test_a_person_is_asked_what_the_options_leave_open(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.new.app.is_terminal", lambda: True)
    typed = [
        "Homelab",
        "homelab",
        "",
        "",
        "yes",
        "git@github.com:you/homelab.git",
        "",
        "clusters/homelab",
        "public",
        "deploy-key",
        "new",
        "",
    ]
    code, out, err = clone.run(typed="\n".join(typed) + "\n")

    assert code == 0, out + err
    assert "The stack's name contains 'H'" in err
    assert "--login is not one of deploy-key, ssh-key. Nothing was written. Write deploy-key or ssh-key." in err
    assert f"It reaches https://192.168.1.10:6443, whose CA has the SHA-256 {AUTHORITY}." in err
    assert clone.stack()["gitops:credentials"] == {"homelab-deploy": {"type": "ssh", "generated": ["2026-11"], "active": "2026-11"}}
    assert yaml.safe_load(clone.catalog.read_text())["hosts"]["github"]["knownHosts"] == GITHUB


def test_a_cluster_that_is_not_meant_ends_it_before_anything_is_written(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.new.app.is_terminal", lambda: True)
    code, _, err = clone.run(typed="homelab\n\n\nno\n")
    assert code == 2
    assert "Nothing was written" in err
    assert not list(clone.folder.glob("Pulumi.*.yaml"))


def test_whoever_leaves_at_a_question_leaves_nothing_behind(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.new.app.is_terminal", lambda: True)
    assert clone.run(typed="homelab\n")[0] == 130
    assert not list(clone.folder.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["--context", "elsewhere"], "The kubeconfig has no context elsewhere."),
        (["--git-url", "http://git.example.org/you/homelab"], "is fetched unencrypted"),
        (["--git-url", "https://you:password@git.example.org/you/homelab"], "holds a login"),
        (["--path", "../elsewhere"], "leads out of the repository"),
        (["--login", "deploy-key"], "--login is not one of public, token"),
        (["--environment", "prod"], "--environment is not one of production, staging, development"),
        (["--branch", "a b"], "The branch is not a valid name"),
        (["--manifests", "v2.9.4"], "is neither a directory nor an OCI artifact"),
        (["--git-ca", "/nowhere/ca.crt"], "/nowhere/ca.crt cannot be read"),
    ],
)
def test_a_wrong_answer_is_one_message_and_nothing_is_written(changes: list[str], said: str, clone: Clone) -> None:
    code, out, err = clone.run("homelab", *ANSWERS, *PUBLIC, *changes)
    assert (code, out) == (2, "")
    assert said in err
    assert "you:password" not in err
    assert not list(clone.folder.glob("Pulumi.*.yaml"))
    assert not clone.catalog.exists()


def test_a_stack_file_is_never_overwritten(clone: Clone) -> None:
    file = clone.folder / "Pulumi.homelab.yaml"
    file.write_text("mine")
    code, _, err = clone.run("homelab", *ANSWERS, *PUBLIC)
    assert code == 2
    assert "Pulumi.homelab.yaml is there already" in err
    assert "To answer again: rm Pulumi.homelab.yaml; gitops new homelab." in err
    assert file.read_text() == "mine"


def test_a_stack_file_with_a_salt_alone_goes_with_its_empty_stack(clone: Clone) -> None:
    (clone.folder / "Pulumi.homelab.yaml").write_text("encryptionsalt: v1:abc\n")
    err = clone.run("homelab", *ANSWERS, *PUBLIC)[2]
    assert "has only the salt that `pulumi stack init` wrote" in " ".join(err.split())
    assert "pulumi stack rm homelab --yes && gitops new homelab" in err


@pytest.mark.parametrize(
    "kept", ["encryptionsalt: v1:abc\nconfig: {}\n", "config: {gitops:age-2026-11: {secure: v1:abc}}\n"], ids=["salt", "secret"]
)
def test_nobody_is_told_to_remove_a_stack_file_whose_secrets_would_go_with_it(kept: str, clone: Clone) -> None:
    (clone.folder / "Pulumi.homelab.yaml").write_text(kept)
    err = clone.run("homelab", *ANSWERS, *PUBLIC)[2]
    assert "Pulumi.homelab.yaml is there already, with a salt or secrets" in err
    assert "rm " not in err


@pytest.mark.thorough
def test_the_command_that_undoes_it_is_printed_and_lets_a_person_answer_again(clone: Clone) -> None:
    (clone.folder / "unrelated").touch()
    clone.commit()
    out = clone.run("homelab", *ANSWERS, *PUBLIC, "--path", "wrong")[1]
    undo = re.search(r"^To answer again, first undo this: (.*)$", out, re.MULTILINE)
    assert undo
    subprocess.run(["bash", "-c", undo[1]], cwd=clone.folder, check=True)
    assert clone.run("homelab", *ANSWERS, *PUBLIC)[0] == 0


@pytest.mark.parametrize(
    ("answers", "credential", "secrets"),
    [
        (["--login", "token"], {"homelab-read": {"type": "basic", "username": "git"}}, ["gitops:homelab-read-password"]),
        (["--login", "ssh-key"], {"homelab-deploy": {"type": "ssh"}}, ["gitops:homelab-deploy-identity"]),
        (["--login", "public", "--age-key", "existing"], None, ["gitops:age-2026-11"]),
    ],
)
def test_a_secret_is_never_asked_for_and_the_command_that_sets_it_is_printed(
    answers: list[str], credential: object, secrets: list[str], clone: Clone
) -> None:
    url = ["--git-url", "git@github.com:you/homelab"] if "ssh-key" in answers else []
    code, out, err = clone.run("homelab", *ANSWERS, *PUBLIC, *url, *answers)
    assert code == 0, out + err
    assert clone.stack().get("gitops:credentials") == credential
    for key in secrets:
        assert f"pulumi config set --secret {key}" in out
    assert "encryptionsalt" not in (clone.folder / "Pulumi.homelab.yaml").read_text()


def test_a_new_age_key_is_made_by_the_person_in_production_and_by_the_stack_in_development(clone: Clone) -> None:
    out = clone.run("homelab", *ANSWERS, *PUBLIC, "--age-key", "new")[1]
    assert "age-keygen -o ~/age-2026-11.txt" in out
    assert "pulumi config set --secret gitops:age-2026-11 < ~/age-2026-11.txt" in out
    assert clone.stack()["gitops:age"] == {"keys": {"2026-11": "supplied"}}

    code, out, _ = clone.run("play", *ANSWERS, *PUBLIC, "--age-key", "new", "--environment", "development")
    assert code == 0
    assert clone.stack("play")["gitops:age"] == {"keys": {"2026-11": "generated"}}
    assert "age-keygen" not in out
    assert "sopsConfig" in out


def test_a_private_authority_goes_to_the_host(clone: Clone, tmp_path: Path) -> None:
    file = tmp_path / "ca.crt"
    file.write_text(certificate())
    code, out, err = clone.run("homelab", *ANSWERS, *PUBLIC, "--git-ca", str(file))
    assert code == 0, out + err
    assert yaml.safe_load(clone.catalog.read_text())["hosts"]["git"]["ca"].strip() == certificate().strip()


def test_a_private_key_is_not_taken_for_a_certificate(clone: Clone, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(ssh_key())
    code, _, err = clone.run("homelab", *ANSWERS, *PUBLIC, "--git-ca", str(file))
    assert code == 2
    assert "is not a certificate in PEM" in err
    assert ssh_key().splitlines()[1] not in err


def test_a_registry_out_of_reach_leaves_a_mark_that_a_preview_refuses(clone: Clone) -> None:
    clone.digest = FluxInputError(Message("out of reach"))
    clone.digest.__cause__ = OSError()
    code, out, _ = clone.run("homelab", *ANSWERS, *PUBLIC)
    assert code == 1
    written = (clone.folder / "Pulumi.homelab.yaml").read_text()
    assert "manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4 # TODO: append the digest that `gitops digest ghcr.io/" in written
    assert out.count("gitops:flux.manifests: ") == 1, "one fault, one message"
    assert "gitops digest" in out.partition("fill in:")[2].partition("Next:")[0]


def test_development_takes_a_tag_as_it_is(clone: Clone) -> None:
    clone.digest = FluxInputError(Message("out of reach"))
    code, _, err = clone.run("homelab", *ANSWERS, *PUBLIC, "--environment", "development")
    assert code == 0
    assert "Without a digest" in err
    assert clone.stack()["gitops:flux"] == {"manifests": "ghcr.io/fluxcd/flux-manifests:v2.9.4"}


def test_a_directory_of_the_repository_needs_no_registry(clone: Clone) -> None:
    code, out, err = clone.run("homelab", *ANSWERS, *PUBLIC, "--manifests", "./manifests/v2.9.4")
    assert code == 0, out + err
    assert clone.asked == []


def test_a_server_whose_key_nobody_knows_leaves_a_mark_that_a_preview_refuses(clone: Clone) -> None:
    ssh = ["--git-url", "ssh://git@git.example.org:2222/you/homelab", "--login", "deploy-key"]
    code, out, _ = clone.run("homelab", *ANSWERS, *PUBLIC, *ssh)
    assert code == 1
    assert "# TODO: knownHosts" in clone.catalog.read_text()
    assert "ssh-keyscan" in out


def test_a_kubeconfig_without_an_authority_is_refused_but_in_development(clone: Clone) -> None:
    whole = yaml.safe_load(clone.kubeconfig.read_text())
    del whole["clusters"][0]["cluster"]["certificate-authority-data"]
    clone.kubeconfig.write_text(yaml.safe_dump(whole))
    assert f"Context {CONTEXT} names no certificate authority" in clone.run("homelab", *ANSWERS, *PUBLIC)[2]
    assert clone.run("homelab", *ANSWERS, *PUBLIC, "--environment", "development")[0] == 0


def test_a_file_that_cannot_be_written_leaves_none(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(file: Path, _: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    monkeypatch.setattr("gitops.new.write.write_atomically", full_disk)
    code, _, err = clone.run("homelab", *ANSWERS, *PUBLIC)
    assert code == 2
    assert "cannot be written" in err
    assert not list(clone.folder.glob("Pulumi.*.yaml"))
    assert not clone.catalog.exists()
