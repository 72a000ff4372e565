"""For whom the files of a synced repository are encrypted: who can no longer read one, and who can from now on."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.compare.effect.stack_keys import StackKeys
from gitops.compare.found_changes import RevisionComparison
from tests.gitops.compare.effect_files import app, kinds, placed, printed, yaml_of
from tests.gitops.compare.synced_builders import config_map
from tests.gitops.compare.synced_repository import NAME, SECRETS, STACK, Files, InMemory, synced_clone

pytestmark = pytest.mark.thorough

FILE = "kubernetes/flux/vars/cluster-secrets.sops.yaml"
OLD, NEW, PERSON, STRANGER, OTHER = (f"age1{letter * 58}" for letter in "qpzry")
KEYS = StackKeys(
    cluster=ClusterKeys(staying={"2026-11": OLD, "2026-12": NEW}, leaving={}, people=(PERSON,)),
    of_other_stacks={OTHER: "2026-11 of stack dev"},
)
UNKNOWN = StackKeys(cluster=ClusterKeys(staying={"2026-11": OLD}, leaving={}), unknown=("2026-12",))


def secrets(*recipients: str, more: str = "") -> str:
    return SECRETS.replace("sops: {", f"sops: {{{more}age: [{', '.join(f'{{recipient: {each}}}' for each in recipients)}], ")


def grouped(threshold: int, *groups: Iterable[str]) -> str:
    listed = ", ".join(f"{{age: [{', '.join(f'{{recipient: {one}}}' for one in group)}]}}" for group in groups)
    return SECRETS.replace("sops: {", f"sops: {{shamir_threshold: {threshold}, key_groups: [{listed}], ")


def compared(memory: InMemory, before: str, after: str, keys: StackKeys = KEYS) -> RevisionComparison:
    return memory.compared({FILE: before}, {FILE: after}, keys=keys)


def test_a_file_that_no_key_of_the_cluster_can_read_any_more_stops_what_reads_it_and_what_waits(memory: InMemory) -> None:
    found = compared(memory, secrets(OLD, PERSON), secrets(STRANGER))

    assert found.is_refused
    assert kinds(found) == ["reader", "build-fails", "waits"]
    out = printed(found)
    why = f"{FILE}: is encrypted for no key of this cluster"
    assert f"stops updates: Kustomization cluster-vars can no longer be applied, and what it applied stays as it is. {why}." in out
    assert "stops updates: Kustomization cluster-apps waits for cluster-vars: " in out
    assert f"gives a secret away: age1rrrrrrrr… can read {FILE} from now on. It is no age key of the cluster, and not in" in out
    assert f"~ file {FILE}  is encrypted for age1rrrrrrrr… instead of 2026-11, age1zzzzzzzz…" in out


def test_a_file_that_no_key_could_read_before_stops_nothing_anew(memory: InMemory) -> None:
    found = compared(memory, secrets(PERSON), secrets(STRANGER, PERSON))

    assert (found.is_refused, kinds(found)) == (False, ["reader"])
    assert kinds(compared(memory, secrets(PERSON), secrets(OLD))) == ["build-is-mended"]


def test_a_new_file_for_no_key_of_the_cluster_stops_its_kustomization(memory: InMemory) -> None:
    made = secrets(PERSON).replace("cluster-secrets", "more")
    found = memory.compared({FILE: secrets(OLD)}, {"kubernetes/flux/vars/more.sops.yaml": made}, keys=KEYS)

    assert (found.is_refused, kinds(found)) == (True, ["build-fails", "waits"])


def test_a_stranger_beside_the_clusters_key_is_to_decide_and_stops_nothing(memory: InMemory) -> None:
    found = compared(memory, secrets(OLD), secrets(OLD, STRANGER))

    assert (found.is_refused, kinds(found)) == (False, ["reader"])
    assert f"~ file {FILE}  is also encrypted for age1rrrrrrrr…" in printed(found)
    assert printed(found).startswith("it: 1 change, gives a secret away\n")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ((OLD, PERSON), (NEW, PERSON), "is encrypted for 2026-12 instead of 2026-11"),
        ((OLD,), (OLD, NEW), "is also encrypted for 2026-12"),
        ((OLD,), (OLD, PERSON), "is also encrypted for age1zzzzzzzz…"),
        ((OLD,), (OLD, OTHER), "is also encrypted for 2026-11 of stack dev"),
        ((OLD, STRANGER), (OLD,), "is no longer encrypted for age1rrrrrrrr…"),
        ((OLD, STRANGER), (STRANGER, OLD), ""),
    ],
    ids=["rotated", "both", "a person", "another stack", "a reader less", "the same"],
)
def test_another_reader_who_is_known_is_a_change_and_nothing_to_decide(
    before: tuple[str, ...], after: tuple[str, ...], what: str, memory: InMemory
) -> None:
    found = compared(memory, secrets(*before), secrets(*after))

    assert (found.is_refused, kinds(found)) == (False, [])
    assert [each.told.plain for each in found.changes] == ([f"file {FILE} {what}"] if what else [])


def test_several_files_of_one_rotation_are_one_line_and_values_that_are_encrypted_anew_are_none(memory: InMemory) -> None:
    more = "kubernetes/flux/vars/more.sops.yaml"
    before, after = ({FILE: secrets(key), more: secrets(key).replace("cluster-secrets", "more")} for key in (OLD, NEW))
    assert f"~ 2 files {FILE}, {more}  are encrypted for 2026-12 instead of 2026-11" in printed(memory.compared(before, after, keys=KEYS))

    again = compared(memory, secrets(OLD), secrets(OLD).replace('mac: "ENC[AES256_GCM,data:bWFkZSB1cA==', 'mac: "ENC[AES256_GCM,data:YQ=='))
    assert (again.changes, again.decisions) == ([], [])


def test_while_a_recipient_is_unknown_only_the_change_is_told(memory: InMemory) -> None:
    found = compared(memory, secrets(OLD), secrets(NEW), UNKNOWN)

    assert (found.is_refused, kinds(found)) == (False, [])
    doubt = "the recipient of age key 2026-12 is not known here"
    assert f"is encrypted for age1pppppppp… instead of 2026-11; {doubt}" in printed(found)


def test_a_stranger_in_one_of_several_documents_and_in_a_key_group_is_seen(memory: InMemory) -> None:
    def two(*recipients: str) -> str:
        return f"{secrets(OLD)}---\n{secrets(*recipients).replace('cluster-secrets', 'second')}"

    assert kinds(compared(memory, two(OLD), two(OLD, STRANGER))) == ["reader"]
    before, after = grouped(2, [OLD], [OLD, PERSON]), grouped(2, [OLD], [OLD, STRANGER])
    assert f"together with other keys, can read {FILE} from now on" in printed(compared(memory, before, after))
    found = compared(memory, grouped(2, [OLD], [OLD, STRANGER]), grouped(1, [OLD], [OLD, STRANGER]))
    assert kinds(found) == ["reader"]
    assert "is encrypted for other key groups (1 of 2 are needed instead of 2 of 2)" in printed(found)


def test_who_could_read_other_files_is_no_new_reader_of_a_new_one(memory: InMemory) -> None:
    new: Files = {"kubernetes/flux/vars/more.sops.yaml": secrets(OLD, STRANGER).replace("cluster-secrets", "more")}

    assert kinds(memory.compared({FILE: secrets(OLD, STRANGER)}, new, keys=KEYS)) == []
    assert kinds(memory.compared({FILE: secrets(OLD)}, new, keys=KEYS)) == ["reader"]


def test_the_command_takes_the_recipients_from_the_stack_file_and_from_the_record(tmp_path: Path) -> None:
    stated = STACK.replace('{"2026-11": supplied}', f'{{"2026-11": {{origin: supplied, recipient: {REAL}}}}}')
    with synced_clone(tmp_path, {"it": stated}) as clone:
        clone.commit({FILE: secrets(REAL), **app(a=placed(config_map("a")))}, "before")
        clone.commit({FILE: secrets(STRANGER)}, "after")
        assert (clone.compare("before", "after")[0], clone.compare("after", "before")[0]) == (1, 0)
        (clone.project / "Pulumi.it.yaml").write_text(STACK)
        assert clone.compare("before", "after")[0] == 0
        (clone.project / "checked").mkdir()
        (clone.project / "checked" / "it.yaml").write_text(yaml_of({"keys": {"2026-11": REAL}, "repositories": []}))
        code, out, _ = clone.compare("before", "after")
    assert (code, "is encrypted for age1rrrrrrrr… instead of 2026-11" in out) == (1, True)
    assert NAME not in out.partition("Compared")[0]


REAL = "age1tzrlq4qywwutdjs2ew67m96ndte9tt8suf0qc486xzrsp4n6vgsss6srf6"
