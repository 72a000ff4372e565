"""A state that is lost needs nothing but `up`, and nothing that it knew lingers in the cluster."""

import time
from pathlib import Path

from flux.keys.named_recipients import recipients_in
from flux.owners_mark import RECIPIENTS_ANNOTATION, OwnersMark
from live.access.target import find_target
from live.ownership.object_owners import OURS, owner_of
from live.ownership.owned_objects import OwnedObjects
from tests.e2e.lifecycle.objects import figure, not_applied_by_the_stack_alone, objects_of, uids, wanted_object
from tests.e2e.running_stack import RunningStack, changed_stack_file


def ignoring(folder: Path, *repositories: str) -> tuple[str, str]:
    """The stack file with `spec.ignore` set on some repositories: a field without a default."""
    folder.mkdir()
    override = {
        "helm/tiny-chart": {"spec": {"insecure": True}},
        **{f"git/{name}": {"spec": {"ignore": "*.md"}} for name in repositories},
    }
    return "--config-file", changed_stack_file(folder, override=override)


def ignored(stack: RunningStack) -> set[str]:
    found = {name: stack.get("GitRepository", name) for name in ("kubeflow", "mlflow", "argo-workflows")}
    return {name for name, body in found.items() if body and "ignore" in body["spec"]}


def test_up_takes_over_everything_and_what_leaves_the_stack_file_leaves_the_cluster(living: RunningStack, tmp_path: Path) -> None:
    living.up(*ignoring(tmp_path / "1", "kubeflow", "mlflow", "argo-workflows"))
    before, recipients = objects_of(living.cluster), living.output("ageRecipients")
    assert len(before) > 40
    assert ignored(living) == {"kubeflow", "mlflow", "argo-workflows"}
    living.lose_state()

    started = time.monotonic()
    done = living.up(*ignoring(tmp_path / "2", "kubeflow", "mlflow"))
    seconds = time.monotonic() - started

    after = objects_of(living.cluster)
    lost, changed = before.keys() - after.keys(), [path for path, uid in uids(before).items() if uids(after).get(path) != uid]
    figure(f"lost state: {len(lost)} objects lost, {len(changed)} uids changed, {seconds:.1f} s to converged, {len(after)} objects")
    assert (lost, changed) == (set(), [])
    assert "already exists" not in done.printed
    assert living.output("ageRecipients") == recipients, "a generated key is read back from the cluster, and never made anew over it"
    named = after["/api/v1/secrets/sops-age"]["metadata"]["annotations"][RECIPIENTS_ANNOTATION]
    assert recipients_in(named) == recipients, "a key need not be read to know which it is"
    assert not_applied_by_the_stack_alone(after) == {}
    assert ignored(living) == {"kubeflow", "mlflow"}, "a field that left the file while the state was lost leaves with the takeover"
    living.preview("--expect-no-changes", *ignoring(tmp_path / "3", "kubeflow", "mlflow"))

    living.up(*ignoring(tmp_path / "4", "mlflow"))
    assert ignored(living) == {"mlflow"}, "a field that leaves the file later leaves with the next up"


def test_a_restored_backup_of_the_state_needs_nothing_but_up_either(living: RunningStack, tmp_path: Path) -> None:
    backup = tmp_path / "backup.json"
    living.up("--config-file", changed_stack_file(tmp_path, use=["base", "apps"]))
    living.pulumi("stack", "export", "--stack", living.name, "--file", str(backup))
    living.up()
    after_backup = objects_of(living.cluster)

    living.pulumi("stack", "import", "--stack", living.name, "--file", str(backup))
    living.up()

    now = objects_of(living.cluster)
    changed = [path for path, uid in uids(after_backup).items() if uids(now).get(path) != uid]
    figure(f"restored backup, older than {len(after_backup)} objects: {len(changed)} uids changed")
    assert changed == []
    living.preview("--expect-no-changes")


def test_the_look_before_takes_well_under_a_second(living: RunningStack) -> None:
    objects = objects_of(living.cluster)
    wanted = [wanted_object(path, body) for path, body in objects.items()]
    owned = OwnedObjects(find_target(living.cluster.home.kubeconfig, living.cluster.home.context))
    try:
        started = time.monotonic()
        found = owned.find(wanted)
        seconds = time.monotonic() - started
    finally:
        owned.close()

    figure(f"the look before: {len(found)} objects in {seconds:.2f} s")
    assert len(found) == len(objects)
    assert {owner_of(each, OwnersMark.of("gitops", "dev", "dev")) for each in found.values()} == {OURS}
    assert seconds < 5, "a busy machine is no defect, an order of magnitude is"
