"""A preview with the state tells what had drifted before a change, from what the change does."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from gitops.compare.comparing import compared
from gitops.compare.headline import headline
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from gitops.compare.preview_steps import read_preview, with_preview
from gitops.compare.table import render
from gitops.errors import CommandError
from gitops.rendered.stack_view import StackView
from tests.gitops.compare.kinds_of_change import CATALOG, STACK
from tests.gitops.compare.test_kinds_of_change import views


def step(operation: str, body: Mapping[str, Any], *, old: bool = False, kind: str = "kubernetes:x:Y") -> dict[str, Any]:
    state = {"type": kind, "inputs": dict(body)}
    urn = f"urn:pulumi:production::gitops::{kind}::{body['metadata']['name']}"
    return {"op": operation, "urn": urn, **({"oldState": state} if old else {"newState": state})}


def body_of(view: StackView, kind: str, name: str) -> Mapping[str, Any]:
    return next(body for which, body in view.objects.items() if (which[1], which[3]) == (kind, name))


def test_what_had_drifted_is_told_apart_from_what_the_change_does(tmp_path: Path) -> None:
    before = views(tmp_path / "before", {"production": STACK}, CATALOG)
    after = views(tmp_path / "after", {"production": STACK.replace("interval: 15m", "interval: 5m")}, CATALOG)
    view = after["production"]
    gone = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": "flux-system"}}
    steps = [
        step("update", body_of(view, "GitRepository", "apps")),
        step("same", body_of(view, "GitRepository", "infra")),
        step("update", body_of(view, "GitRepository", "models")),
        step("update", body_of(view, "Kustomization", "infra")),
        step("delete", gone, old=True),
        step("replace", body_of(view, "Secret", "charts")),
        step("create", gone, kind="random:index:RandomPassword"),
    ]
    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"steps": steps, "changeSummary": {}}))
    found = with_preview(compared(before, after, base="a", head="b"), read_preview(file).steps, before, after)

    assert [each.text.plain for each in found.pending] == [
        "Pulumi updates GitRepository flux-system/models, Kustomization flux-system/infra",
        "Pulumi deletes ConfigMap flux-system/old",
        "Pulumi deletes and recreates Secret flux-system/charts",
    ]
    assert [each.text.plain for each in found.decisions] == ["Pulumi deletes and recreates Secret flux-system/charts"]
    assert "**Not from this change, but applied with it**" in markdown(found)
    assert "not from this change, but applied with it" in render(found, None).plain
    assert len(document(found, 0)["pending"]) == 3
    assert headline(found).plain == "production: 1 change, deletes objects, more is applied with it"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"steps": 1}', '{"steps": [1]}', '{"steps": [{"op": "update"}]}', "not json", "[" * 200])
def test_what_is_no_preview_is_a_mistake(text: str, tmp_path: Path) -> None:
    file = tmp_path / "preview.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=r"Write it with: pulumi preview --json > FILE"):
        read_preview(file)
    with pytest.raises(CommandError, match="cannot be read"):
        read_preview(tmp_path / "nowhere")


def test_a_preview_of_another_stack_is_a_mistake(tmp_path: Path) -> None:
    with patch.dict(os.environ):
        before = views(tmp_path / "before", {"staging": STACK}, CATALOG)
    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"steps": [step("update", body_of(before["staging"], "GitRepository", "apps"))]}))
    with pytest.raises(CommandError, match="the preview is of stack production"):
        with_preview(compared(before, before, base="a", head="b"), read_preview(file).steps, before, before)
