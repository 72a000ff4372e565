"""What a preview says of the cluster is read again as it was written, and whatever stands in it is shown as a value."""

from typing import Any

import pytest

from flux.object_reference import ObjectReference
from gitops.compare.comparing import compared
from gitops.compare.markdown import markdown
from gitops.compare.preview_messages import with_messages
from gitops.compare.preview_steps import Preview, PreviewStep, with_preview
from gitops.rendered.stack_view import StackView, object_id
from stacks.restoring import ToRestore
from stacks.words.said_of_cluster import SetBack, read_again, sets_back, would_refuse
from tests.gitops.compare.test_what_opens import OWN, body


def said(monkeypatch: pytest.MonkeyPatch, to_restore: ToRestore) -> list[str]:
    """What a preview logs of it."""
    messages: list[str] = []
    monkeypatch.setattr("stacks.words.log.info", messages.append)
    to_restore.told(preview=True)
    return messages


def reference(number: int) -> ObjectReference:
    return ObjectReference("GitRepository", "flux-system", f"a{number}")


def test_what_others_changed_is_read_again_with_how_many_more_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    writers = {
        reference(0): ("kubectl-edit", "helm"),
        reference(1): (),
        ObjectReference("Namespace", "", "flux-system"): ("k9s (beta), x",),
    }
    (few,) = said(monkeypatch, ToRestore(changed=writers))
    (many,) = said(monkeypatch, ToRestore(changed={reference(number): ("helm",) for number in range(8)}))
    found, more = read_again(few), read_again(f"{many}\n")

    assert found is not None
    assert set(found.set_back) == {
        SetBack(name="GitRepository/flux-system/a0", writers="kubectl-edit, helm"),
        SetBack(name="GitRepository/flux-system/a1", writers="unknown"),
        SetBack(name="Namespace/flux-system", writers="k9s (beta), x"),
    }
    assert more is not None
    assert (len(more.set_back), more.more) == (5, 3)


def test_what_the_cluster_lost_and_what_would_be_refused_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = frozenset({ObjectReference("Secret", "flux-system", "sops-age")})
    (message,) = said(monkeypatch, ToRestore(lost=lost, changed={}))
    found, refused = read_again(message), read_again("warning: " + would_refuse("gitops:takeOver: 3 objects belong to Helm"))

    assert found is not None
    assert found.made_again == "Secret/sops-age"
    assert refused is not None
    assert refused.refused == "gitops:takeOver: 3 objects belong to Helm"
    assert read_again("2 secrets are not set") is None


def source(name: str, **spec: Any) -> dict[str, Any]:
    return dict(body("GitRepository", name, OWN, spec={"interval": "1h", **spec}))


def view(*bodies: dict[str, Any]) -> dict[str, StackView]:
    return {"it": StackView(name="it", objects={object_id(each): each for each in bodies})}


def pending(before: dict[str, StackView], after: dict[str, StackView], steps: list[PreviewStep], *messages: str) -> list[str]:
    preview = Preview(steps=steps, messages=list(messages), stacks=frozenset({"it"}))
    found = with_preview(compared(before, after, base="a", head="b"), steps, before, after)
    return [each.text.plain for each in with_messages(found, preview, before, after).pending]


def test_an_object_that_drifted_and_that_the_change_touches_is_told() -> None:
    old, new = view(source("a"), source("b")), view(source("a", timeout="1m"), source("b"))
    objects = [("GitRepository/flux-system/a", "helm"), ("GitRepository/flux-system/b", "kubectl-edit")]

    assert pending(old, new, [], sets_back(objects, more=2)) == [
        "pulumi up sets back what others changed in GitRepository/flux-system/a (by helm); this change touches the same object",
        "pulumi up sets back what others changed in GitRepository/flux-system/b (by kubectl-edit)",
        "pulumi up sets back what others changed in 2 more objects: gitops drift lists them",
    ]
    assert pending(old, new, [], would_refuse("no")) == ["pulumi up would refuse, whatever this change does: no"]


def test_what_was_merged_before_is_told_of_an_object_that_the_change_touches() -> None:
    old, new = view(source("a", timeout="1m"), source("b")), view(source("a", timeout="2m"), source("b", timeout="2m"))
    which = next(each for each in new["it"].objects if each[3] == "a")
    applied = {**source("a"), "metadata": {**source("a")["metadata"], "annotations": {"pulumi.com/patchFieldManager": "x"}}}
    update = PreviewStep(stack="it", operation="update", which=which, applied=applied)
    create = PreviewStep(stack="it", operation="create", which=next(each for each in new["it"].objects if each[3] == "b"))
    same = PreviewStep(stack="it", operation="update", which=which, applied=source("a", timeout="1m"))

    assert pending(old, new, [update, create]) == [
        "Pulumi also changes spec.timeout of GitRepository flux-system/a: that was merged before this change and never applied",
        "Pulumi creates GitRepository flux-system/b, which was merged before this change and never applied",
    ]
    assert pending(old, new, [same]) == []


def test_nothing_in_a_message_acts_as_markup() -> None:
    old = view(source("a"))
    preview = Preview(steps=[], messages=[sets_back([("A/b", "`**x** @admin <img>")], more=0)], stacks=frozenset({"it"}))
    text = markdown(with_messages(compared(old, old, base="a", head="b"), preview, old, old))

    assert "`` `**x** @admin <img> ``" in text
