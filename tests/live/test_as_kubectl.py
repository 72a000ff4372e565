"""Our kubeconfig and kubectl's: generated files, merged and reduced by both, lead to the same cluster and user, or are refused by both.

kubectl is the real one, of the development dependencies. One run of it takes a moment, so that several run at a time, and most of the
cases stand in the longer tier.
"""

import base64
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from live.access.embedding import embedded
from live.access.target import find_target
from live.errors import KubeconfigError

KUBECTL = Path(sys.executable).parent / "kubectl"
NAMES = ("a", "b", "c")
FILES = ("ca.crt", "client.crt", "client.key", "token", "sub/other.crt")
STRANGE = ("", "# nothing\n", "null\n", "[]\n", "a: b\n", "just text\n", "{\n", "kind: Pod\n", "apiVersion: v2\n")
ABSENT = object()


@dataclass(frozen=True, kw_only=True)
class Case:
    """Files on disk, and the value of KUBECONFIG that lists them."""

    folder: Path
    variable: str


class Generator:
    """Kubeconfigs out of a seed: most of them fine, some with a fault that people make."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (no secret is made of it)

    def case(self, folder: Path) -> Case:
        paths = []
        for index in range(self.random.choice((1, 1, 2, 2, 3))):
            place = folder / f"d{index}"
            (place / "sub").mkdir(parents=True)
            for name in FILES:
                (place / name).write_text(f"{name} of {place.name}\n")
            (place / "config").write_text(self._text())
            paths.append(str(place / "config"))
        if self.random.random() < 0.3:
            paths.insert(self.random.randrange(len(paths) + 1), str(folder / "missing"))
        if self.random.random() < 0.1:
            paths.append(self.random.choice(("", paths[0])))
        return Case(folder=folder, variable=os.pathsep.join(paths))

    def _text(self) -> str:
        if self.random.random() < 0.04:
            return self.random.choice(STRANGE)
        document = {
            "apiVersion": self._maybe("v1", 0.8),
            "kind": self._maybe("Config", 0.8),
            "current-context": self._maybe(self.random.choice((*NAMES, "", "gone" if self._rarely() else "a")), 0.85),
            "contexts": self._list("context", self._context),
            "clusters": self._list("cluster", self._cluster),
            "users": self._list("user", self._user),
        }
        present = {key: value for key, value in document.items() if value is not ABSENT}
        if self._rarely():
            present[self.random.choice(("contexts", "clusters", "users"))] = self.random.choice((None, {}, "text", [None], ["text"]))
        return yaml.safe_dump(present, sort_keys=False)

    def _list(self, key: str, entry: Any) -> list[Any]:
        chosen = self.random.sample(NAMES, self.random.choice((2, 3, 3, 3, 3, 3)))
        listed = [{"name": name, key: None if self._rarely() else entry()} for name in chosen]
        if self._rarely():
            listed.append(dict(self.random.choice(listed)))
        return listed

    def _context(self) -> dict[str, Any]:
        names = (*NAMES, "gone") if self._rarely() else NAMES
        entry = {"cluster": self.random.choice(names), "user": self.random.choice(names), "namespace": self._maybe("apps", 0.3)}
        return self._with_a_fault(entry)

    def _cluster(self) -> dict[str, Any]:
        host = self.random.choice(("10.0.0.1:6443", "k8s.example.org", "[::1]:6443", "127.0.0.1/k8s/clusters/c-1"))
        entry = {"server": f"https://{host}", "tls-server-name": self._maybe("kubernetes", 0.2), **self._file("certificate-authority")}
        if "certificate-authority-data" not in entry and "certificate-authority" not in entry:
            entry["insecure-skip-tls-verify"] = self._maybe(self.random.choice((True, False)), 0.5)
        entry["proxy-url"] = self._maybe("http://proxy.example.org:3128", 0.1)
        return self._with_a_fault(entry)

    def _user(self) -> dict[str, Any]:
        way = self.random.choice(("token", "file", "certificate", "exec", "basic", "nothing"))
        ways: dict[str, dict[str, Any]] = {
            "token": {"token": "a-token"},
            "file": {"tokenFile": "token", "token": self._maybe("another", 0.3)},
            "certificate": {**self._file("client-certificate"), **self._file("client-key")},
            "exec": {"exec": self._program()},
            "basic": {"username": "me", "password": "x"},
            "nothing": {},
        }
        return self._with_a_fault(ways[way])

    def _program(self) -> dict[str, Any]:
        command = self.random.choice(("aws", "./login", "sub/login", "/usr/bin/login"))
        return {"apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": ["x"], "interactiveMode": "Never"}

    def _file(self, key: str) -> dict[str, Any]:
        how = self.random.random()
        if how < 0.45:
            return {key: self._path({"certificate-authority": "ca.crt"}.get(key, key.replace("client-certificate", "client.crt")))}
        return {f"{key}-data": base64.b64encode(key.encode()).decode()} if how < 0.9 else {}

    def _path(self, name: str) -> str:
        known = name if name in FILES else "client.key"
        names = (known, f"./{known}", "sub/other.crt", "sub/../ca.crt", *(("gone",) if self._rarely() else ()))
        return str(self.random.choice(names))

    def _with_a_fault(self, entry: dict[str, Any]) -> dict[str, Any]:
        present = {key: value for key, value in entry.items() if value is not ABSENT}
        if present and self.random.random() < 0.004:
            present[self.random.choice(list(present))] = self.random.choice((5, True, [], ["x"], None))
        if "server" in present and self._rarely():
            present["certificate-authority-data"] = "%%"
        if self.random.random() < 0.1:
            present["a-field-of-tomorrow"] = {"x": 1}
        return present

    def _maybe(self, value: Any, likely: float) -> Any:
        return value if self.random.random() < likely else ABSENT

    def _rarely(self) -> bool:
        return self.random.random() < 0.012


def kubectls(case: Case) -> dict[str, Any] | None:
    """What kubectl reduces it to; None where it refuses."""
    command = [str(KUBECTL), "config", "view", "--minify", "--flatten", "--raw", "-o", "json"]
    environment = {"KUBECONFIG": case.variable, "HOME": str(case.folder)}
    done = subprocess.run(command, env=environment, cwd=case.folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def ours(case: Case) -> dict[str, Any] | None:
    """The same of this program; None where it refuses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", case.variable)
        try:
            reached = find_target(None, None).reached
            document = embedded(reached, "KUBECONFIG")
        except KubeconfigError:
            return None
    # kubectl embeds neither a token's file nor a program, and shows both as they are written; clients resolve them.
    written = {key: reached.user.fields[key] for key in ("token", "tokenFile", "exec") if key in reached.user.fields}
    document["users"][0]["user"] = {**{key: value for key, value in document["users"][0]["user"].items() if key != "token"}, **written}
    return document


def essence(document: dict[str, Any]) -> dict[str, Any]:
    """Both without what the other leaves out: fields that kubectl does not know, lists and switches with nothing in them."""
    kept = {"current-context": document["current-context"]}
    for section, key in (("contexts", "context"), ("clusters", "cluster"), ("users", "user")):
        for entry in document[section] or ():
            fields = {name: value for name, value in entry[key].items() if value not in (None, "", False, {}) and "tomorrow" not in name}
            if "exec" in fields:
                fields["exec"] = {name: fields["exec"].get(name) for name in ("command", "args")}
            if fields:
                kept[key] = {"name": entry["name"], **fields}
    return kept


@pytest.mark.thorough
@pytest.mark.parametrize("seeds", [range(24, 34), pytest.param(range(400), marks=pytest.mark.thorough)], ids=["few", "many"])
def test_generated_kubeconfigs_mean_to_us_what_they_mean_to_kubectl(seeds: range, tmp_path: Path) -> None:
    cases = []
    for seed in seeds:
        folder = tmp_path / str(seed)
        folder.mkdir()
        cases.append(Generator(seed).case(folder))
    with ThreadPoolExecutor(8) as pool:
        expected = list(pool.map(kubectls, cases))
    accepted = 0
    for case, theirs in zip(cases, expected, strict=True):
        mine = ours(case)
        if theirs is None and mine is None:
            continue
        accepted += 1
        described = f"KUBECONFIG={case.variable}"
        assert theirs is not None, f"kubectl refuses {described}"
        if mine is None and needs_a_server(theirs):
            continue  # we want a server, and kubectl takes localhost:8080
        assert mine is not None, f"we refuse {described}"
        assert essence(mine) == essence(theirs), described
    assert len(seeds) * 0.4 < accepted < len(seeds) * 0.95, "some of each kind"


def needs_a_server(document: dict[str, Any]) -> bool:
    return not any(entry["cluster"].get("server") for entry in document["clusters"] or ())
