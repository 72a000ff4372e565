from pathlib import Path

import pytest
import yaml

from gitops.new.address import address
from gitops.new.existing_catalog import Known, known_repository
from stacks.contract.names import CATALOG
from tests.engine import REPOSITORY

URL = "ssh://git@github.com/daviestechlabs/homelab-k8s2"


def test_the_shipped_catalogs_repository_is_found_by_its_host_and_path() -> None:
    found = known_repository(REPOSITORY / CATALOG, address(URL), "./kubernetes/apps")
    assert found == Known(name="homelab-k8s2", credential="homelab-deploy", kustomization="cluster-apps", same_path=True, groups=("base",))


def test_a_repository_with_several_kustomizations_is_not_guessed_at() -> None:
    assert known_repository(REPOSITORY / CATALOG, address(URL), "./elsewhere") is None


@pytest.mark.parametrize("text", ["", "[1]", "git: [", "git: {a: b}", "git: {a: {url: 1}}\nkustomizations: {a: {spec: [1]}}"])
def test_a_catalog_that_cannot_be_read_has_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text(text)
    assert known_repository(tmp_path / "catalog.yaml", address(URL), "./") is None


def test_groups_of_both_are_used_where_they_have_none_in_common(tmp_path: Path) -> None:
    source = {"kind": "GitRepository", "name": "it"}
    catalog = {
        "git": {"it": {"url": f"{URL}.git", "groups": ["one"]}},
        "kustomizations": {"it": {"groups": ["two", "three"], "spec": {"sourceRef": source, "path": "apps/"}}},
    }
    (tmp_path / "catalog.yaml").write_text(yaml.safe_dump(catalog))
    found = known_repository(tmp_path / "catalog.yaml", address(URL), "./apps")
    assert found is not None
    assert (found.groups, found.same_path) == (("one", "two"), True)
