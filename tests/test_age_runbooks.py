"""What the runbooks of the age key tell to run in `homelab-k8s2` is run, with the real sops and git, and prints what stands there.

`age-keygen` and `pulumi stack output` are played by scripts of a few lines: neither program is among what the fast tier has.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.keys.age_identity import identity_from_seed, recipient_of
from flux.keys.sops_creation_rules import sops_config
from tests.engine import REPOSITORY, attempt, entry_point, run
from tests.flux.sops import decrypt
from tests.manifests import manifests_directory
from tests.record import on_one_line_each
from tests.shipped_stacks import dev, reviewed
from tests.stack_files import preview, shown

RUNBOOKS = REPOSITORY / "docs" / "runbooks"
BLOCK = re.compile(r"^( *)```(?P<kind>\w+)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
OLD, NEW, PERSON = (identity_from_seed(name) for name in ("old", "age-2026-11.txt", "person"))
SHOWN = {
    "age1tzrlq4qywwutdjs2ew67m96ndte9tt8suf0qc486xzrsp4n6vgsss6srf6": recipient_of(OLD),
    "age19nfzw2e0hp0gnm8aphm0m8pmn97e7njvcmn6yclpsm6ryz502uzqzfumj2": recipient_of(NEW),
    "age1nv8g8klhdge3wupazu280gwvgcvkf4tx7jprxdjf6aar3u8ddqqsmky6md": recipient_of(PERSON),
}
"""Recipient on the pages → the one of the key that plays it here."""

AGE_KEYGEN = f"""#!{sys.executable}
import pathlib, sys
sys.path.insert(0, {str(REPOSITORY)!r})
from flux.keys.age_identity import identity_from_seed, recipient_of
option, file = sys.argv[1], pathlib.Path(sys.argv[2])
if option == "-y":
    print(recipient_of(file.read_text()))
else:
    identity = identity_from_seed(file.name)
    file.write_text(f"# public key: {{recipient_of(identity)}}\\n{{identity}}\\n")
    print("Public key:", recipient_of(identity), file=sys.stderr)
"""
PULUMI = """#!/bin/sh
test "$*" = "--cwd $HOME/gitops stack output --stack production sopsConfig" && cat "$HOME/sopsConfig"
"""


@dataclass(frozen=True)
class Step:
    """One block to run, and what the page says that it prints."""

    script: str
    printed: list[str]


def steps(page: str) -> Iterator[Step]:
    script = ""
    printed: list[str] = []
    for block in BLOCK.finditer((RUNBOOKS / page).read_text(encoding="utf-8")):
        lines = [line.removeprefix(block[1]) for line in block["text"].splitlines()]
        if block["kind"] == "sh":
            if script:
                yield Step(script, printed)
            script, printed = "\n".join(lines), []
        elif block["kind"] in ("text", "diff") and script and not printed:
            printed = lines
        else:
            if script:
                yield Step(script, printed)
            script, printed = "", []
    if script:
        yield Step(script, printed)


def secret(name: str) -> str:
    return yaml.safe_dump(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"token": name}}, sort_keys=False
    )


class Machine:
    """A person's machine: a home with a clone of homelab-k8s2, which holds encrypted files and has a remote."""

    def __init__(self, home: Path, rules: str, files: list[str], reads: str) -> None:
        self.home = home
        self.clone = home / "homelab-k8s2"
        for name, text in {"age-keygen": AGE_KEYGEN, "pulumi": PULUMI}.items():
            self._write(home / "bin" / name, text).chmod(0o755)
        self._write(home / ".config/sops/age/keys.txt", reads)
        self._write(home / ".gitconfig", "[user]\n  name = Person\n  email = person@example.org\n[init]\n  defaultBranch = main\n")
        self.run(f"git init --quiet --bare {home}/remote && git clone --quiet {home}/remote {self.clone}")
        self._write(self.clone / ".sops.yaml", rules)
        self._write(self.clone / ".gitignore", "age.key\n")
        for file in files:
            self._write(self.clone / file, secret(Path(file).name.removesuffix(".sops.yaml")))
            self.run(f"cd {self.clone} && sops encrypt --in-place {file}")
        self.run(f"cd {self.clone} && git add --all && git commit --quiet --message start && git push --quiet origin HEAD:main")

    def run(self, script: str) -> str:
        for theirs, ours in SHOWN.items():
            script = script.replace(theirs, ours)
        path = os.pathsep.join([str(self.home / "bin"), str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
        environment = {"HOME": str(self.home), "PATH": path, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            command, env=environment, cwd=self.home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        printed = re.sub(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", "", done.stdout, flags=re.MULTILINE).replace(str(self.home), "/home/you")
        for theirs, ours in SHOWN.items():
            printed = printed.replace(ours, theirs)
        return printed

    def follow(self, page: str) -> None:
        found = list(steps(page))
        assert len(found) >= 4
        for step in found:
            printed = self.run(step.script).splitlines()
            assert [line for line in step.printed if line not in printed] == [], (
                f"{page} says that\n{step.script}\nprints this, but\n{printed}"
            )

    def encrypted(self) -> dict[str, bytes]:
        """What is pushed, or to be pushed, by path."""
        files = self.run(f"cd {self.clone} && git ls-files '*?.sops.yaml' | grep -v '^.sops.yaml$'").split()
        return {file: (self.clone / file).read_bytes() for file in files}

    @staticmethod
    def _write(file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


def texts(page: str) -> list[str]:
    blocks = BLOCK.finditer((RUNBOOKS / page).read_text(encoding="utf-8"))
    return [line for block in blocks if block["kind"] == "text" for line in on_one_line_each(block["text"]).splitlines()]


def test_the_identity_of_another_recipient_is_told_as_the_runbook_says(tmp_path: Path) -> None:
    written = (REPOSITORY / "Pulumi.production.yaml").read_text(encoding="utf-8")
    (line,) = [line for line in written.splitlines() if line.startswith('    keys: {"2026-11": supplied}')]
    keys = f'    keys:\n      "2025-03": {{origin: supplied, recipient: {next(iter(SHOWN))}}}'
    secret_key = f"  gitops:age-2025-03: {{secure: {identity_from_seed('seed')}}}"

    record = preview(
        tmp_path,
        written.replace(line, f"{keys}\n{secret_key}"),
        catalog=(REPOSITORY / "catalog.yaml").read_text(encoding="utf-8"),
        stack="production",
    )

    told = f"error: {shown(record, tmp_path)}".splitlines()
    assert len(told) == 2
    assert set(told) <= set(texts("take-over-an-existing-age-key.md"))


def test_a_missing_key_is_told_as_the_runbook_says() -> None:
    manifests = {"manifests": str(manifests_directory())}  # no registry in this test; production refuses it, which is another line
    record = attempt(entry_point(), **reviewed("production", preview=False, config={"gitops:flux": manifests}))

    (told,) = [line for line in record.errors.splitlines() if line.startswith("gitops:age-2026-11")]
    assert told in texts("lose-the-age-key.md")


def values(encrypted: bytes) -> str:
    return str(yaml.safe_load(encrypted)["stringData"])


@pytest.mark.thorough
def test_the_age_key_is_rotated_as_the_runbook_says(tmp_path: Path) -> None:
    files = ["kubernetes/flux/vars/cluster-secrets.sops.yaml", "kubernetes/apps/observability/gatus/app/gatus-credentials.sops.yaml"]
    machine = Machine(tmp_path, sops_config([recipient_of(OLD), recipient_of(PERSON)]), files, reads=PERSON)
    (tmp_path / "sopsConfig").write_text(sops_config([recipient_of(NEW), recipient_of(PERSON)]))
    before = machine.encrypted()

    machine.follow("rotate-the-age-key.md")

    after = machine.encrypted()
    assert set(before) == set(after) == set(files)
    for file, content in after.items():
        assert decrypt(content, OLD) is None, "the old key is out"
        assert decrypt(content, NEW) == decrypt(content, PERSON) == decrypt(before[file], OLD)
    assert machine.run(f"cd {machine.clone} && git status --porcelain && git diff origin/main") == "", "everything is pushed"


@pytest.mark.thorough
def test_the_first_file_is_encrypted_as_the_page_says(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "creation_rules: []\n", [], reads=PERSON)
    (tmp_path / "sopsConfig").write_text(sops_config([recipient_of(NEW)]))
    file = machine.clone / "kubernetes/apps/token.sops.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(secret("token"))
    page = (REPOSITORY / "docs" / "how-to" / "add-an-age-key.md").read_text(encoding="utf-8")
    (script,) = [block["text"] for block in BLOCK.finditer(page) if "sops encrypt" in block["text"]]

    machine.run(script)

    content = machine.encrypted()["kubernetes/apps/token.sops.yaml"]
    assert yaml.safe_load(decrypt(content, NEW) or b"") == yaml.safe_load(secret("token"))
    assert decrypt(content, PERSON) is None, "only the cluster's key reads it"
    assert machine.run(f"cd {machine.clone} && git status --porcelain && git diff origin/main") == "", "everything is pushed"


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("rotate-the-age-key.md", "age-2026-11.txt"),
        pytest.param("take-over-an-existing-age-key.md", "homelab-k8s2/age.key", marks=pytest.mark.thorough),
    ],
)
def test_a_file_that_only_the_persons_own_key_reads_is_not_said_to_be_readable(page: str, key: str, tmp_path: Path) -> None:
    # sops tries the keys of ~/.config/sops, too, whatever SOPS_AGE_KEY_FILE says.
    machine = Machine(tmp_path, sops_config([recipient_of(PERSON)]), ["a.sops.yaml"], reads=PERSON)
    (tmp_path / key).write_text(f"{NEW}\n")
    (step,) = [step for step in steps(page) if 'echo "reads $file"' in step.script]
    assert "reads a.sops.yaml" not in machine.run(f"{step.script.partition('done')[0]}done || true")


@pytest.mark.thorough
def test_exchanging_recipients_keeps_the_data_key_and_rotating_does_not(tmp_path: Path) -> None:
    # Why a compromised key needs more than updatekeys: the page says so, and here it is seen.
    machine = Machine(tmp_path, sops_config([recipient_of(OLD), recipient_of(PERSON)]), ["a.sops.yaml"], reads=PERSON)
    before = machine.encrypted()["a.sops.yaml"]
    (machine.clone / ".sops.yaml").write_text(sops_config([recipient_of(NEW), recipient_of(PERSON)]))

    machine.run(f"cd {machine.clone} && sops updatekeys --yes a.sops.yaml")
    exchanged = machine.encrypted()["a.sops.yaml"]
    machine.run(f"cd {machine.clone} && sops rotate --in-place a.sops.yaml")
    rotated = machine.encrypted()["a.sops.yaml"]

    assert values(exchanged) == values(before), "the values are encrypted with the data key that the old key has read"
    assert values(rotated) != values(exchanged)


@pytest.mark.parametrize("rules", [f"creation_rules:\n  - path_regex: .*\\.sops\\.yaml$\n    age: {recipient_of(OLD)}\n"])
@pytest.mark.thorough
def test_an_existing_key_is_taken_over_as_the_runbook_says(rules: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path, rules, ["kubernetes/apps/gatus.sops.yaml"], reads=OLD)
    (machine.clone / "age.key").write_text(f"# created: 2025-03-01T12:00:00Z\n{OLD}\n")
    (tmp_path / "sopsConfig").write_text(sops_config([recipient_of(OLD)]))
    assert machine.encrypted()["kubernetes/apps/gatus.sops.yaml"].startswith(b"apiVersion: ENC[")

    machine.follow("take-over-an-existing-age-key.md")

    content = machine.encrypted()["kubernetes/apps/gatus.sops.yaml"]
    assert yaml.safe_load(content)["kind"] == "Secret"
    assert yaml.safe_load(decrypt(content, OLD) or b"") == yaml.safe_load(secret("gatus"))


@pytest.mark.thorough
def test_adding_a_generated_key_shows_the_two_resources_of_the_runbook(tmp_path: Path) -> None:
    page = (RUNBOOKS / "rotate-the-age-key.md").read_text(encoding="utf-8").partition("## A generated key\n")[2]
    (old, new) = re.findall(r"keys: (\{.*?\})[`\n]", page)
    shown = set(re.findall(r"^ ([+~])  \S+ (\S+) (create|update)", page, re.MULTILINE))
    before, after = (
        {
            each.name: each.inputs
            for each in run(entry_point(), **dev(tmp_path, preview=True, config={"gitops:age": {"keys": yaml.safe_load(keys)}})).resources
            if each.custom
        }
        for keys in (old, new)
    )
    created = {("+", name, "create") for name in after.keys() - before.keys()}
    updated = {("~", name, "update") for name in after.keys() & before.keys() if _entries(before[name]) != _entries(after[name])}
    assert shown == created | updated


def _entries(inputs: Mapping[str, Any]) -> set[str]:
    """The entries of a Secret: in a preview, generated values are unknown and equal to nothing."""
    data = inputs.get("data")
    return set(data) if isinstance(data, Mapping) else set()
