"""Adding and removing an age key: the one Secret changes in place, and nothing else."""

import base64
import itertools
from pathlib import Path
from typing import Any

import pytest

from flux.keys.age_identity import identity_from_seed, recipient_of
from flux.keys.sops_creation_rules import sops_config
from flux.owners_mark import RECIPIENTS_ANNOTATION
from tests import invariants
from tests.engine import entry_point, run
from tests.record import Record, Resource
from tests.shipped_stacks import dev, small
from tests.stacks.test_settings import mistake

pytestmark = pytest.mark.thorough

OLD, NEW, OTHER = (identity_from_seed(seed) for seed in ("old", "new", "other"))
PERSON = recipient_of(identity_from_seed("person"))
SEED = "random:index/randomPassword:RandomPassword"
SECRET = "age-keys-secret"

ROTATIONS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str]]] = {
    "supplied beside supplied": (
        {"2026-05": "supplied"},
        {"2026-05": "supplied", "2026-11": "supplied"},
        {"age-2026-05": OLD, "age-2026-11": NEW},
    ),
    "generated beside generated": ({"2026-05": "generated"}, {"2026-05": "generated", "2026-11": "generated"}, {}),
    "supplied beside generated": (
        {"2026-05": "generated"},
        {"2026-05": "generated", "2026-11": {"origin": "supplied", "recipient": recipient_of(NEW)}},
        {"age-2026-11": NEW},
    ),
    "generated beside supplied": ({"2026-05": "supplied"}, {"2026-05": "supplied", "2026-11": "generated"}, {"age-2026-05": OLD}),
}
"""What rotates → the keys before, the keys while both are there, their secrets."""


def built(folder: Path, keys: dict[str, Any], secrets: dict[str, str]) -> Record:
    wanted = {f"age-{name}" for name, key in keys.items() if key != "generated"}
    given = {key: value for key, value in secrets.items() if key in wanted}
    record = run(entry_point(), **small(folder, config={"gitops:age": {"keys": keys, "recipients": [PERSON]}}, secrets=given))
    invariants.check_everything(record, markers=list(given.values()))
    return record


def changed(before: Record, after: Record) -> tuple[dict[str, tuple[Resource, Resource]], set[str], set[str]]:
    """Of two builds: what changed by logical name, what came, what went; the stack and the component, whose outputs tell of it, aside."""
    first, second = ({each.urn: each for each in record.resources if each.custom} for record in (before, after))
    both = {urn for urn in first if urn in second and first[urn] != second[urn]}
    return {first[urn].name: (first[urn], second[urn]) for urn in both}, set(second) - set(first), set(first) - set(second)


def entries(resource: Resource) -> dict[str, str]:
    return {key: base64.b64decode(value.value).decode() for key, value in resource.inputs["data"].items()}


def beside_its_keys(secret: Resource) -> dict[str, Any]:
    """All of it but for the keys and the annotation that names them."""
    metadata = dict(secret.inputs["metadata"])
    annotations = {key: value for key, value in metadata.pop("annotations").items() if key != RECIPIENTS_ANNOTATION}
    return {**secret.inputs, "data": None, "metadata": {**metadata, "annotations": annotations}}


IN_TURN = [
    pytest.param(*each, id=name, marks=[] if name in ("supplied beside supplied", "supplied beside generated") else [pytest.mark.thorough])
    for name, each in ROTATIONS.items()
]
"""Three runs of the program each."""


@pytest.mark.parametrize(("one", "two", "secrets"), IN_TURN)
def test_a_key_more_or_less_changes_the_one_secret_in_place(
    one: dict[str, Any], two: dict[str, Any], secrets: dict[str, str], tmp_path: Path
) -> None:
    last = {"2026-11": two["2026-11"]}
    builds = [built(tmp_path, keys, secrets) for keys in (one, two, last)]

    for before, after in itertools.pairwise(builds):
        differing, came, went = changed(before, after)
        (was, becomes) = differing.pop(SECRET)
        assert differing == {}, "a rotated key is nobody else's business"
        assert {after[urn].type for urn in came} | {before[urn].type for urn in went} <= {SEED}, "but the seed of a generated key"
        assert was.urn == becomes.urn, "another logical name would delete the Secret and make it anew"
        assert beside_its_keys(was) == beside_its_keys(becomes), "the provider replaces a Secret whose type or name changes"
        assert was.options == becomes.options
        kept = entries(was).keys() & entries(becomes).keys()
        assert kept
        assert {key: entries(was)[key] for key in kept} == {key: entries(becomes)[key] for key in kept}, "a key that stays stays the same"
    assert [set(entries(build.named(SECRET))) for build in builds] == [
        {"2026-05.agekey"},
        {"2026-05.agekey", "2026-11.agekey"},
        {"2026-11.agekey"},
    ]


def test_the_sops_config_is_for_the_newest_key_and_the_people(tmp_path: Path) -> None:
    keys = {"2026-11": "supplied", "2026-05": "supplied", "2026-10": "generated"}

    record = built(tmp_path, keys, {"age-2026-05": OLD, "age-2026-11": NEW})

    assert record.exports["sopsConfig"] == sops_config([recipient_of(NEW), PERSON])
    assert set(record.exports["ageRecipients"]) == {"2026-05", "2026-10", "2026-11"}


STATED = {"origin": "supplied", "recipient": recipient_of(OLD)}


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("first", ["supplied", STATED], ids=["at hand", "stated"])
def test_one_identity_under_two_names_is_refused_before_files_are_encrypted_for_the_wrong_one(
    first: Any, preview: bool, tmp_path: Path
) -> None:
    keys = {"2026-05": first, "2026-11": "supplied"}
    secrets = {"age-2026-11": f"# created: today\n{OLD}\n"} | ({} if first == STATED and preview else {"age-2026-05": OLD})

    text = mistake(dev(tmp_path, config={"gitops:age": {"keys": keys}}, secrets=secrets, preview=preview), markers=(OLD,))

    assert text.startswith("1 problem;")
    assert "gitops:age.keys.2026-11: 2026-05 and 2026-11 have the same recipient, so they are one key" in text
    assert "pulumi config set --secret gitops:age-2026-11" in text
