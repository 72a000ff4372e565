"""Where a field was removed that a default or the catalog still gives: in what took it away, and not in a line that did not change."""

from pathlib import Path

import pytest

from tests.gitops.compare.kinds_of_change import STACK, Kind
from tests.gitops.compare.test_kinds_of_change import changed, comparison_of

COMMIT = "a" * 40
INTERVAL = "spec: {interval: 15m}"
MODELS = "  models: {from: gitea/models, credential: gitea-read}\n"
PATHS = "      path: ./apps\n"


def ref(text: str) -> tuple[str, str]:
    return INTERVAL, f"spec: {{interval: 15m, ref: {text}}}"


def stack(*edits: tuple[str, str]) -> dict[str, str]:
    return {"production": changed(STACK, edits)}


LISTED = (PATHS, f"{PATHS}      components: [a, b]\n")
KINDS = {
    "by the override's null": (
        Kind(after=stack((INTERVAL, "spec:\n        interval: 15m\n        ref:\n          tag: v1\n\n          branch: null"))),
        "GitRepository apps: ref.branch main is removed (by the override, Pulumi.production.yaml:25); ref.tag v1 is added "
        "(in override, Pulumi.production.yaml:23)",
    ),
    "in the line that gives something else instead": (
        Kind(after=stack(ref("{tag: v1, branch: null}"))),
        "GitRepository apps: ref.branch main is removed; ref.tag v1 is added (in override, Pulumi.production.yaml:20)",
    ),
    "from a commit back to a tag": (
        Kind(before=stack(ref(f"{{commit: {COMMIT}}}")), after=stack(ref("{tag: v1, branch: null}"))),
        f"GitRepository apps: ref.branch main is removed; ref.commit {COMMIT} is removed; ref.tag v1 is added "
        "(in override, Pulumi.production.yaml:20)",
    ),
    "by the null of an entry": (
        Kind(catalog=((MODELS, MODELS.replace("}", ", spec: {ref: {branch: null, tag: v1}}}")),)),
        "GitRepository models: ref.branch main is removed; ref.tag v1 is added (catalog.yaml:12)",
    ),
    "by the override's list": (
        Kind(
            catalog_before=(LISTED,),
            catalog=(LISTED,),
            after=stack(("    git/apps:", "    kustomizations/apps: {spec: {components: [a]}}\n    git/apps:")),
        ),
        "Kustomization apps: components b is removed (by the override, Pulumi.production.yaml:19)",
    ),
    "where it was written": (
        Kind(before=stack(ref("{tag: v1}"))),
        "GitRepository apps: ref.tag v1 is removed (in override, Pulumi.production.yaml:20 before this change)",
    ),
    "where the default was, although an override has another field of it": (
        Kind(before=stack(ref("{tag: v1}")), after=stack(ref("{tag: v1}")), catalog=(("ref: {branch: main}", "ref: {semver: '*'}"),)),
        "3 GitRepositories apps, infra, models: ref.branch main is removed; ref.semver * is added (in defaults, catalog.yaml:7)",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_place_of_a_removed_field_is_that_of_what_removed_it(kind: str, tmp_path: Path) -> None:
    change, told = KINDS[kind]

    assert [each.told.plain for each in comparison_of(change, tmp_path).changes] == [told]
