"""Mistakes that were told wrongly, or not at all: a null, a misspelt prefix, a stranger among the objects, a secret not at hand."""

import copy
from pathlib import Path
from typing import Any

import pytest

from flux.owners_mark import OwnersMark
from stacks.choosing.choose import choose
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.model_walk import keys_of
from stacks.reading.set_aside import SetAside
from stacks.reading.validation import validate
from stacks.words.place import KeyPath
from stacks.words.problems import Problem
from tests.documents import document
from tests.engine import entry_point, run
from tests.keys import host_key
from tests.record import Record
from tests.shipped_stacks import DEPLOY_IDENTITY, READ_PASSWORD, dev, shipped, small
from tests.stack_files import preview, shown
from tests.stacks.test_catalog import choice, complaint
from tests.stacks.test_no_value_is_repeated import CATALOG, STACK, places, replaced
from tests.stacks.test_settings import mistake

PLAIN = {key.removeprefix("gitops:"): value for key, value in STACK["config"].items() if key.removeprefix("gitops:") in keys_of(Stack)}


@pytest.mark.parametrize("path", list(places(PLAIN)), ids=lambda path: ".".join(map(str, path)))
def test_a_null_in_a_stack_file_is_taken_or_told(path: KeyPath) -> None:
    chosen_from(replaced(copy.deepcopy(PLAIN), path, None), CATALOG)


@pytest.mark.parametrize("path", list(places(CATALOG)), ids=lambda path: ".".join(map(str, path)))
def test_a_null_in_a_catalog_is_taken_or_told(path: KeyPath) -> None:
    chosen_from(PLAIN, replaced(copy.deepcopy(CATALOG), path, None))


def chosen_from(stack: dict[str, Any], catalog: dict[str, Any]) -> None:
    problems: list[Problem] = []
    models = (
        validate(Catalog, document(catalog, "catalog", "catalog"), problems, aside=SetAside()),
        validate(Stack, document(stack, "stack"), problems, aside=SetAside()),
    )
    if models[0] is not None and models[1] is not None:
        choose(models[0], models[1], problems, OwnersMark.of("gitops", "test", "test"))


def test_a_null_that_takes_a_hosts_url_away_is_told_at_the_null(tmp_path: Path) -> None:
    hosts = {**shipped("dev")["gitops:hosts"], "github": {"url": None}}

    text = mistake(dev(tmp_path, config={"gitops:hosts": hosts}))

    assert text.splitlines()[0] == "1 problem; nothing was changed."
    assert "Pulumi.dev.yaml:75 gitops:hosts.github.url: is required but missing" in text


@pytest.mark.parametrize("key", ["gitop:use", "gitosp:use", "Gitops:use"])
def test_a_misspelt_prefix_is_told_with_the_right_one_and_nothing_is_missed(key: str, tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={"gitops:use": None, key: ["base"]}))

    assert text.splitlines()[0] == "1 problem; nothing was changed."
    assert f"{key}: does not begin with `gitops:`. It would have no effect. Did you mean `gitops:use`?" in text


def test_a_secret_that_a_preview_lacks_is_said_once(tmp_path: Path, dev_preview: Record, dev_up: Record) -> None:
    def without(environment: dict[str, str | None]) -> Record:
        return run(entry_point(), **small(tmp_path, preview=True, environment=environment))

    def said(record: Record) -> list[str]:
        return [message.text for message in record.log if "not set, shown" in message.text]

    command = "pulumi config set --secret gitops:"
    both = "2 secrets are not set, shown as unknown: gitea-read-password, homelab-deploy-identity. `pulumi up` would refuse. "
    one = "1 secret is not set, shown as unknown: gitea-read-password. `pulumi up` would refuse. "
    assert said(without({DEPLOY_IDENTITY: None, READ_PASSWORD: None})) == [f"{both}To set each: {command}<name>"]
    assert said(without({READ_PASSWORD: None})) == [f"{one}To set it: {command}gitea-read-password"]
    assert said(dev_preview) == said(dev_up) == []


OBJECTS = """\
config:
  gitops:environment: development
  gitops:cluster: {name: dev, context: dev}
  gitops:flux: {manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4}
  gitops:use: [base]
---
objects:
  - object: %s
"""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}",
            "ConfigMap is not a kind of Flux. `objects` takes Flux's own objects only.",
        ),
        (
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a}, rules: []}",
            "ClusterRole is not a kind of Flux.",
        ),
        ("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {}}", "Deployment is not a kind of Flux."),
        ("{apiVersion: source.toolkit.fluxcd.io/v1, kind: Buckt, metadata: {name: a}}", "The API server would refuse"),
        (
            "{apiVersion: v1, kind: Bucket, metadata: {name: a}, spec: {interval: 1h, endpoint: a, bucketName: b}}",
            "is not an apiVersion of Bucket",
        ),
    ],
)
def test_the_api_server_is_said_to_refuse_only_what_it_would_refuse(body: str, says: str, tmp_path: Path) -> None:
    record = preview(tmp_path, OBJECTS % body, catalog="", register=False)

    count, *lines = shown(record, tmp_path).splitlines()
    assert count.startswith("1 problem;"), "one fault, one message"
    (line,) = [each for each in lines if "kind" in each or "apiVersion" in each]
    assert says in line
    assert line.startswith("catalog.yaml:8 objects[0].object.")
    assert ("API server" in line) == ("API server" in says)


OWN_URL = {"git": {"own": {"url": "ssh://git@github.test:22/elsewhere/own.git", "credential": "deploy"}}, "kustomizations": {}}


def test_an_ssh_url_of_its_own_takes_the_known_hosts_of_the_host_on_its_server() -> None:
    assert choice(OWN_URL).known_hosts == {"deploy": [f"github.test {host_key('a')}"]}


@pytest.mark.parametrize("url", ["ssh://git@nowhere.test/own.git", "ssh://git@github.test:2222/own.git"])
def test_an_ssh_url_on_a_server_that_no_host_is_on_is_told_with_what_to_add(url: str) -> None:
    text = complaint({"git": {"own": {"url": url, "credential": "deploy"}}, "kustomizations": {}})

    assert text.startswith("catalog git.own.url: is fetched over SSH, but no host of the catalog is on this server. Flux would refuse")
    assert "Add a host with this server's URL" in text
    assert "ssh-keyscan" in text
