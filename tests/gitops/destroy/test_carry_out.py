"""The removal itself, on a cluster of which every behaviour can be chosen."""

from collections.abc import Callable
from dataclasses import replace

from gitops.destroy.carry_out import Removal
from gitops.destroy.effects import effects_of
from live.flux_objects.flux_removal import RemovableObject
from tests.gitops.destroy.samples import RUNNING, applied_by, flux_object, is_own, things

CHILD = flux_object("HelmRelease", "web", namespace="apps")
ROOT = flux_object("Kustomization", "root", *things(3), CHILD.reference, own=True)
SOURCE = flux_object("GitRepository", "fleet", own=True)


class Cluster:
    """Deleted objects go once `cleans` says that a controller cleaned up after them."""

    def __init__(
        self,
        *objects: RemovableObject,
        running: frozenset[str] = RUNNING,
        cleans: Callable[[str], bool] = lambda _: True,
        namespace_is_going: bool = False,
    ) -> None:
        self.is_going = namespace_is_going
        self.there = {each.reference.name: each for each in objects}
        self.running, self.cleans = running, cleans
        self.done: list[str] = []
        self.seconds = 0.0

    def objects(self) -> list[RemovableObject]:
        return list(self.there.values())

    def running_controllers(self) -> frozenset[str]:
        return self.running

    def namespace_is_going(self) -> bool:
        return self.is_going

    def delete(self, found: RemovableObject) -> None:
        name = found.reference.name
        self.done.append(f"delete {name}")
        if self.running and self.cleans(name):
            del self.there[name]
        else:
            self.there[name] = replace(found, deleted_since="2026-11-27T12:00:00Z")

    def may_remove(self, found: RemovableObject) -> None:
        self.done.append(f"may remove {found.reference.name}")

    def release(self, found: RemovableObject) -> None:
        self.done.append(f"release {found.reference.name}")
        del self.there[found.reference.name]

    def keep_what_it_applied(self, found: RemovableObject) -> None:
        self.done.append(f"keep {found.reference.name}")

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


def carried_out(cluster: Cluster, *, definitions_go: bool = False, keep: bool = False) -> Removal:
    effects = effects_of(cluster.objects(), is_own, cluster.running)
    said: list[str] = []
    removal = Removal(cluster, 30, said.append, sleep=cluster.wait, clock=lambda: cluster.seconds)
    if keep:
        removal.keep_workloads(effects)
    removal.run(effects, definitions_go=definitions_go)
    return removal


def test_what_applies_goes_before_what_it_applies_from() -> None:
    cluster = Cluster(SOURCE, ROOT)

    assert carried_out(cluster).released == []
    assert cluster.done == ["delete root", "delete fleet"]


def test_a_dead_controller_is_not_waited_for() -> None:
    cluster = Cluster(SOURCE, ROOT, running=frozenset())

    released = carried_out(cluster).released

    assert [each.reference.name for each in released] == ["root", "fleet"]
    assert cluster.done == ["keep root", "delete root", "release root", "delete fleet", "release fleet"]
    assert cluster.seconds < 10


def test_a_controller_that_restarts_is_waited_for() -> None:
    cluster = Cluster(ROOT, cleans=lambda _: False)

    def restarting() -> frozenset[str]:
        if 3 < cluster.seconds < 20:
            return frozenset()
        if cluster.seconds >= 20:
            cluster.there.clear()  # it cleaned up
        return RUNNING

    cluster.running_controllers = restarting  # type: ignore[method-assign]

    assert carried_out(cluster).released == []
    assert cluster.done == ["delete root"]


def test_rights_are_asked_for_once_for_each_kind_in_a_namespace() -> None:
    more = flux_object("Kustomization", "more", own=True)
    cluster = Cluster(SOURCE, ROOT, more, applied_by(CHILD, ROOT))

    Removal(cluster, 30, print).check_rights(effects_of(cluster.objects(), is_own, RUNNING), [])

    assert sorted(cluster.done) == ["may remove fleet", "may remove more", "may remove web"]


def test_what_does_not_go_in_time_is_released_and_the_rest_goes_on() -> None:
    cluster = Cluster(SOURCE, ROOT, cleans=lambda name: name != "root")

    released = carried_out(cluster).released

    assert [each.reference.name for each in released] == ["root"]
    assert cluster.done[-1] == "delete fleet"
    assert 30 < cluster.seconds < 60


def test_flux_objects_from_git_are_removed_only_where_their_kinds_go() -> None:
    left = Cluster(ROOT, applied_by(CHILD, ROOT), running=frozenset())
    carried_out(left)
    assert set(left.there) == {"web"}

    gone = Cluster(ROOT, applied_by(CHILD, ROOT), running=frozenset())
    carried_out(gone, definitions_go=True)
    assert gone.there == {}


def test_a_kustomization_that_leaves_what_it_applied_leaves_what_its_children_applied_too() -> None:
    """Its children go only because their kinds go: one that pruned, or uninstalled, would remove what was told to stay."""
    child = flux_object("Kustomization", "child", *things(2))
    for root, running in (
        (replace(ROOT, removes=False), RUNNING),  # deletionPolicy: Orphan, or suspended
        (ROOT, RUNNING - {"kustomize-controller"}),
    ):
        cluster = Cluster(root, applied_by(CHILD, ROOT), applied_by(child, ROOT), running=running)
        carried_out(cluster, definitions_go=True)
        for name in ("web", "child"):
            assert cluster.done.index(f"keep {name}") < cluster.done.index(f"delete {name}"), cluster.done
            assert cluster.done.index("delete root") < cluster.done.index(f"keep {name}"), "the parent would set it back"

    removing = Cluster(ROOT, applied_by(CHILD, ROOT))
    carried_out(removing, definitions_go=True)
    assert not [each for each in removing.done if each.startswith("keep")]


def test_to_keep_workloads_is_said_before_anything_is_deleted_and_to_the_stacks_own_alone() -> None:
    cluster = Cluster(SOURCE, ROOT, applied_by(CHILD, ROOT))

    carried_out(cluster, keep=True)

    assert cluster.done[0] == "keep root"
    assert "keep web" not in cluster.done


def test_an_object_that_gets_its_finalizer_back_again_and_again_does_not_hold_the_command() -> None:
    cluster = Cluster(ROOT, cleans=lambda _: False)
    cluster.release = lambda found: cluster.done.append("release")  # type: ignore[method-assign]

    released = carried_out(cluster).released

    assert [each.reference.name for each in released] == ["root"], "told once"
    assert cluster.seconds < 120


def test_what_a_deleted_namespace_takes_with_it_is_released_even_where_the_kinds_stay() -> None:
    inside = applied_by(flux_object("Kustomization", "web"), ROOT)
    outside = applied_by(flux_object("HelmRelease", "elsewhere", namespace="apps"), ROOT)
    cluster = Cluster(ROOT, inside, outside, running=frozenset(), namespace_is_going=True)

    carried_out(cluster)

    assert set(cluster.there) == {"elsewhere"}
    assert "release web" in cluster.done


def test_what_is_in_a_shard_needs_the_controller_of_its_shard() -> None:
    of_shard = replace(ROOT, controller="kustomize-controller-shard1")

    dead = Cluster(SOURCE, of_shard)
    assert [each.reference.name for each in carried_out(dead).released] == []
    assert dead.done == ["keep root", "delete root", "delete fleet"], "what would have gone stays, as was said before"
    living = Cluster(SOURCE, of_shard, running=RUNNING | {"kustomize-controller-shard1"})
    carried_out(living)
    assert living.done == ["delete root", "delete fleet"]
