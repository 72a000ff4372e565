"""A stack that syncs a repository, and a clone of that repository, in which a test commits."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gitops.check.repository.tree import Tree
from gitops.check.stack_facts import facts_of
from gitops.compare.charts.chart_files import ChartFiles
from gitops.compare.charts.chart_renderer import ChartRenderer, Release
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.charts.pulled_charts import ChartPlace
from gitops.compare.effect.compare_repository import side_of
from gitops.compare.effect.gathered_effects import GatheredEffects
from gitops.compare.effect.live_world import Side
from gitops.compare.effect.stack_effects import effects_in_stack
from gitops.compare.effect.stack_keys import NO_KEYS, StackKeys
from gitops.compare.found_changes import RevisionComparison
from gitops.compare.sentence import say
from gitops.rendered.read_folder import stacks_in
from tests.gitops.check.git_server import committed, git
from tests.gitops.render.clone import clone_in, run

NAME = "homelab-k8s2"
STACK = """\
config:
  gitops:environment: development
  gitops:cluster: {name: it, context: it}
  gitops:flux: {manifests: ./manifests/v2.9.4}
  gitops:age: {keys: {"2026-11": supplied}}
  gitops:variables: {CLUSTER_NAME: dev}
  gitops:use: [base]
  gitops:onDestroy: removeWorkloads
"""
CATALOG = f"""\
git:
  {NAME}: {{url: "https://git.test/org/{NAME}.git", spec: {{interval: 15m, ref: {{branch: main}}}}}}
  other: {{url: "https://git.test/org/other.git", spec: {{interval: 15m, ref: {{branch: main}}}}}}
defaults:
  Kustomization: {{interval: 1h, prune: true}}
kustomizations:
  cluster-vars:
    spec: {{sourceRef: {{kind: GitRepository, name: {NAME}}}, path: ./kubernetes/flux/vars, decryption: {{provider: sops}}}}
  cluster-apps:
    inherit: [decryption, postBuild, deletionPolicy]
    spec:
      sourceRef: {{kind: GitRepository, name: {NAME}}}
      path: ./kubernetes/apps
      dependsOn: [{{name: cluster-vars}}]
      decryption: {{provider: sops}}
      postBuild: {{substituteFrom: [{{kind: ConfigMap, name: stack-vars}}, {{kind: Secret, name: cluster-secrets}}]}}
"""
SECRETS = """\
apiVersion: v1
kind: Secret
metadata: {name: cluster-secrets, namespace: flux-system}
stringData: {SECRET_ALERT_EMAIL: "ENC[AES256_GCM,data:bWFkZSB1cA==,iv:bWFkZSB1cA==,tag:bWFkZSB1cA==,type:str]"}
sops: {mac: "ENC[AES256_GCM,data:bWFkZSB1cA==,iv:bWFkZSB1cA==,tag:bWFkZSB1cA==,type:str]", version: 3.11.0}
"""


Files = Mapping[str, str | None]


class SyncedClone:
    """The clone, with the project of the stack beside it."""

    def __init__(self, project: Path, top: Path) -> None:
        """Both are there."""
        self.project, self.top = project, top

    def commit(self, files: Files, tag: str = "") -> str:
        """Change some files (None: remove), and commit."""
        for path in [path for path, text in files.items() if text is None]:
            (self.top / path).unlink()
        commit = committed(self.top, {path: text for path, text in files.items() if text is not None})
        if tag:
            git("tag", tag, at=self.top)
        return commit

    def compare(self, *arguments: str) -> tuple[int, str, str]:
        """`gitops compare --repository`, as from the clone."""
        return run("compare", "--repository", NAME, "--clone", str(self.top), *arguments)

    def json(self, *arguments: str) -> Any:
        """Its JSON."""
        code, out, err = self.compare(*arguments, "-o", "json")
        assert out, err
        found: Any = json.loads(out)
        assert found["exitCode"] == code
        return found


@contextmanager
def synced_clone(folder: Path, stacks: Mapping[str, str] | None = None, catalog: str = CATALOG) -> Iterator[SyncedClone]:
    """With a first commit, `first`, that has the paths of the stack."""
    project, top = folder / "stacks", folder / "clone"
    project.mkdir()
    git("init", "--quiet", "--template=", "--initial-branch=main", str(top), at=folder)
    with clone_in(project, {"it": STACK} if stacks is None else stacks, catalog):
        clone = SyncedClone(project, top)
        clone.commit({"kubernetes/flux/vars/cluster-secrets.sops.yaml": SECRETS, "kubernetes/apps/kustomization.yaml": EMPTY}, "first")
        yield clone


class WithoutHelm:
    """As on a machine that has no helm."""

    def pulled(self, place: ChartPlace) -> ChartFiles:
        raise ChartNotRenderedError(say("helm is not on PATH"))

    def rendered(self, chart: ChartFiles, release: Release) -> Sequence[dict[str, Any]]:
        raise ChartNotRenderedError(say("helm is not on PATH"))


class InMemory:
    """The same without git and without the command: files in a folder, compared as the command does."""

    def __init__(self, folder: Path) -> None:
        """A stack that is read once."""
        self._folder, self._count = folder, 0
        with clone_in(folder, {"it": STACK}, CATALOG):
            settings = stacks_in(folder)["it"].settings
        assert settings is not None
        self._facts = facts_of(settings, NO_KEYS)

    def compared(
        self, before: Files, after: Files, renderer: ChartRenderer | None = None, keys: StackKeys | None = None
    ) -> RevisionComparison:
        """From these files to those, of which only what differs is written: None is a file that goes. `renderer`: else without helm.

        `keys`: those of the stack, where they are known.
        """
        first = {"kubernetes/flux/vars/cluster-secrets.sops.yaml": SECRETS, "kubernetes/apps/kustomization.yaml": EMPTY, **before}
        told = GatheredEffects(NAME)
        old, new = (self._side(each, keys or StackKeys()) for each in (first, {**first, **after}))
        told.add("it", effects_in_stack(old, new, NAME, renderer or WithoutHelm()))
        return told.result("before", "after")

    def _side(self, files: Files, keys: StackKeys) -> Side:
        self._count += 1
        root = self._folder / f"tree-{self._count}"
        there = {path: text for path, text in files.items() if text is not None}
        for path, text in there.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return side_of(self._facts, NAME, lambda: Tree(NAME, root, there), keys)


EMPTY = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n"
