"""A state in which each source and each Kustomization has a component for itself: the next `up` changes no object."""

import json
import re
from pathlib import Path
from typing import Any

from tests.e2e.lifecycle.objects import Body, figure, objects_of
from tests.e2e.running_stack import RunningStack

FORMER_COMPONENTS = {
    "GitRepository": "GitSource",
    "HelmRepository": "HelmSource",
    "OCIRepository": "OciSource",
    "Kustomization": "FluxKustomization",
}
SECTION = "gitops:index:FluxSection"


def in_components_of_their_own(exported: str) -> tuple[str, int]:
    """A state as older versions wrote it, and how many components it has more."""
    resources: list[dict[str, Any]] = json.loads(exported)["deployment"]["resources"]
    section = next(each for each in resources if each["type"] == SECTION)
    before, renamed = {}, {}
    for each in resources:
        if f"{SECTION}$" in each["urn"]:
            kind = each["type"].rpartition(":")[2]
            name = each["urn"].rpartition("::")[2].removeprefix(f"{kind.lower()}-")
            token, stack = f"gitops:index:{FORMER_COMPONENTS[kind]}", each["urn"].partition(SECTION)[0]
            component = {**section, "type": token, "urn": f"{stack}{token}::{name}"}
            renamed[each["urn"]] = f"{stack}{token}${each['type']}::{name}-{kind.lower()}"
            before[each["urn"]] = component
    document = json.loads(exported)
    document["deployment"]["resources"] = []
    for each in resources:
        if each["urn"] in before:
            document["deployment"]["resources"] += [before[each["urn"]], {**each, "parent": before[each["urn"]]["urn"]}]
        elif each["type"] != SECTION:
            document["deployment"]["resources"].append(each)
    text = json.dumps(document)
    for now, formerly in renamed.items():
        text = text.replace(json.dumps(now), json.dumps(formerly))
    return text, len(before)


def identities(objects: dict[str, Body]) -> dict[str, tuple[str, int | None]]:
    """Which objects they are, and how often their specs were changed."""
    return {path: (body["metadata"]["uid"], body["metadata"].get("generation")) for path, body in objects.items()}


def test_the_next_up_renames_what_the_state_has_and_changes_no_object(living: RunningStack, tmp_path: Path) -> None:
    living.up()
    file = tmp_path / "state.json"
    living.pulumi("stack", "export", "--stack", living.name, "--file", str(file))
    text, components = in_components_of_their_own(file.read_text())
    objects = [each for each in json.loads(file.read_text())["deployment"]["resources"] if f"{SECTION}$" in each["urn"]]
    assert not [each["urn"] for each in objects if each.get("stackTrace")], "a call stack is half as large as an object"
    file.write_text(text)
    living.pulumi("stack", "import", "--stack", living.name, "--file", str(file))
    assert components > 10
    before = objects_of(living.cluster)

    done = living.up()

    after = objects_of(living.cluster)
    counts = {what: int(count) for count, what in re.findall(r"(\d+) (created|updated|deleted|replaced)", done.printed)}
    figure(f"older state: {counts} of the state, {len(after)} objects as they were")
    assert counts.keys() == {"created", "deleted"}
    assert counts["deleted"] == components, "of the state: components are nothing in a cluster"
    assert identities(before) == identities(after)
    living.preview("--expect-no-changes")
