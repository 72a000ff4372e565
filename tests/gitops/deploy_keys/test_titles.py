"""Whose a key is, by its title: two stacks of one name in two backends do not retire each other's keys."""

import json
from typing import Any

import pytest

from gitops.deploy_keys.titles import KeyTitles, key_titles
from gitops.errors import CommandError
from gitops.forges.forge import DeployKey
from tests.gitops.deploy_keys.gitea_double import GiteaDouble
from tests.gitops.deploy_keys.samples import CREDENTIAL, NEW, OLD, PUBLIC, TITLE, TITLES, credential, output
from tests.gitops.deploy_keys.test_register import ROOT
from tests.gitops.test_cli import run

PAGE = "https://app.pulumi.com/acme/fleet/production"


def titles(asked: str = "production", *, url: Any = "https://app.pulumi.com/alice", listed: Any = None) -> KeyTitles:
    answers = {"whoami": {"user": "alice", "url": url}, "stack": [{"name": "production", "url": PAGE}] if listed is None else listed}
    return key_titles(asked, "fleet", lambda command, *_: json.dumps(answers[command]))


def key(title: str, content: str = "ssh-ed25519 AAAAC3") -> DeployKey:
    return DeployKey(id=1, title=title, public_key=content, read_only=True, created="")


def test_a_stack_of_pulumi_cloud_is_known_by_its_organisation_and_project() -> None:
    assert titles().full_name == titles("acme/fleet/production").full_name == "acme/fleet/production"
    assert titles(listed=[]).full_name == "alice/fleet/production", "of the user, where its page is not told"


def test_a_stack_of_another_backend_is_known_by_the_backends_digest() -> None:
    assert titles(url="file:///state").full_name.startswith("fleet/production@")
    assert titles(url="file:///state/?x=y") == titles(url="file:///state")


@pytest.mark.parametrize("url", ["file://[x", "https://[x", "https://h:abc"])
def test_a_backend_whose_url_is_no_address_is_known_by_its_digest(url: str) -> None:
    assert titles(url=url).full_name.startswith("fleet/production@")


def test_a_page_whose_url_is_no_address_tells_no_organisation() -> None:
    listed = [{"name": "production", "url": "https://[x/acme/fleet/production"}]
    assert titles(listed=listed).full_name == "alice/fleet/production"


def test_two_stacks_of_one_name_in_two_backends_have_other_titles() -> None:
    urls = ("file:///a", "file:///b", "s3://a", "https://pulumi.example", "https://app.pulumi.com/alice")
    assert len({titles(url=url).prefix("it") for url in urls}) == len(urls)


@pytest.mark.parametrize("url", [None, 7, "", []])
def test_a_backend_that_pulumi_does_not_tell_is_one_message(url: Any) -> None:
    with pytest.raises(CommandError, match="does not report the URL of the backend"):
        titles(url=url)


def test_what_pulumi_prints_is_no_json() -> None:
    with pytest.raises(CommandError, match="printed no JSON"):
        key_titles("dev", "fleet", lambda *_: "Welcome!")


def test_a_title_of_an_earlier_version_is_ours_only_with_one_of_our_keys() -> None:
    earlier = f"flux/dev/{CREDENTIAL}/{OLD}"
    assert TITLES.key_named_by(key(earlier, PUBLIC[OLD]), credential()) == OLD
    assert TITLES.key_named_by(key(earlier, PUBLIC["another"]), credential()) is None, "it may be that of another stack `dev`"
    assert TITLES.key_named_by(key(f"{TITLE}{OLD}", PUBLIC["another"]), credential()) == OLD
    assert TITLES.key_named_by(key("somebody's", PUBLIC[OLD]), credential()) is None


def test_a_key_that_an_earlier_version_registered_is_not_registered_twice(gitea: GiteaDouble, stack: Any) -> None:
    stack(output())
    gitea.put(ROOT, f"flux/dev/{CREDENTIAL}/{NEW}", PUBLIC[NEW])
    code, out, _ = run("deploy-key", "register", "-o", "json")
    assert code == 0
    assert gitea.titles(ROOT) == [f"flux/dev/{CREDENTIAL}/{NEW}"], "and the older one stays away"
    (told,) = [each["text"] for each in json.loads(out)["keys"] if each["repository"] == ROOT and each["key"] == NEW]
    assert told == f"already registered: id 1 as 'flux/dev/{CREDENTIAL}/{NEW}'"
