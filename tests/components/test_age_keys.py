"""The Secret with the age keys, and the recipients to encrypt for."""

import base64

import pulumi
import pyrage
import pytest

from components.age_keys import AgeKey, AgeKeys, AgeKeysArgs
from flux.keys.age_identity import identity_from_seed, recipient_of
from flux.keys.named_recipients import recipients_in
from flux.owners_mark import RECIPIENTS_ANNOTATION
from stacks.inputs.unknown_secret import unknown_secret
from tests import invariants
from tests.engine import attempt, run
from tests.flux.post_quantum import post_quantum_key
from tests.record import UNKNOWN, Record, Secret
from tests.small_programs import provider


def on_cluster() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(providers=[provider()])


def keys(*listed: AgeKey, preview: bool = False) -> Record:
    return run(lambda: AgeKeys("keys", AgeKeysArgs(keys=list(listed)), on_cluster()), preview=preview)


IDENTITY = identity_from_seed("a supplied key")


def test_a_supplied_age_key_lands_in_the_secret_and_its_recipient_in_the_outputs() -> None:
    args = AgeKeysArgs(keys=[AgeKey(name="2026-11", identity=IDENTITY)])

    record = run(lambda: AgeKeys("keys", args, on_cluster()))

    made = record.object("Secret", "sops-age", "flux-system")
    assert made.inputs["data"] == {"2026-11.agekey": Secret(base64.b64encode(IDENTITY.encode()).decode())}
    assert record.named("keys").outputs == {"recipients": {"2026-11": recipient_of(IDENTITY)}}
    invariants.check_no_leak(record, [IDENTITY])


def test_a_generated_age_key_decrypts_what_is_encrypted_for_its_recipient() -> None:
    record = run(lambda: AgeKeys("keys", AgeKeysArgs(keys=[AgeKey(name="2026-11")]), on_cluster()))

    recipient = record.named("keys").outputs["recipients"]["2026-11"]
    wrapped = record.object("Secret", "sops-age").inputs["data"]["2026-11.agekey"]
    assert isinstance(wrapped, Secret)
    identity = base64.b64decode(wrapped.value).decode()
    encrypted = pyrage.encrypt(b"content", [pyrage.x25519.Recipient.from_str(recipient)])
    assert pyrage.decrypt(encrypted, [pyrage.x25519.Identity.from_str(identity)]) == b"content"
    invariants.check_no_leak(record, [identity])


def test_a_generated_age_key_comes_from_the_password_and_from_nothing_that_all_clusters_share() -> None:
    answers = {"random:index/randomPassword:RandomPassword": lambda _: {"result": "what the provider made"}}

    record = run(lambda: AgeKeys("keys", AgeKeysArgs(keys=[AgeKey(name="k")]), on_cluster()), answers=answers)

    assert record.named("keys").outputs == {"recipients": {"k": recipient_of(identity_from_seed("what the provider made"))}}


def test_keys_of_both_kinds_live_in_one_secret_while_they_are_rotated() -> None:
    args = AgeKeysArgs(keys=[AgeKey(name="2026-05", identity=IDENTITY), AgeKey(name="2026-11")])

    record = run(lambda: AgeKeys("keys", args, on_cluster()))

    assert set(record.object("Secret", "sops-age").inputs["data"]) == {"2026-05.agekey", "2026-11.agekey"}
    assert set(record.named("keys").outputs["recipients"]) == {"2026-05", "2026-11"}
    seeds = record.of_type("random:index/randomPassword:RandomPassword")
    assert [(seed.name, seed.inputs) for seed in seeds] == [("keys-2026-11-seed", {"length": 64, "special": False})]


def test_a_preview_does_not_know_a_generated_recipient_and_shows_no_key() -> None:
    record = run(lambda: AgeKeys("keys", AgeKeysArgs(keys=[AgeKey(name="2026-11")]), on_cluster()), preview=True)

    assert record.named("keys").outputs == {"recipients": {"2026-11": UNKNOWN}}
    assert record.object("Secret", "sops-age").inputs["data"] == {"2026-11.agekey": Secret(UNKNOWN)}


def test_the_secret_names_the_recipient_of_each_of_its_keys() -> None:
    other = identity_from_seed("another")
    keys = [AgeKey(name="2026-11", identity=IDENTITY), AgeKey(name="2026-05", identity=other)]

    record = run(lambda: AgeKeys("keys", AgeKeysArgs(keys=keys), on_cluster()))

    annotations = record.object("Secret", "sops-age").inputs["metadata"]["annotations"]
    assert annotations == {RECIPIENTS_ANNOTATION: f"2026-05={recipient_of(other)},2026-11={recipient_of(IDENTITY)}"}
    assert recipients_in(annotations[RECIPIENTS_ANNOTATION]) == {"2026-05": recipient_of(other), "2026-11": recipient_of(IDENTITY)}


@pytest.mark.parametrize("text", ["", "2026-11", "2026-11=age1", f"=age1{'q' * 58}", f"a=age1{'q' * 58},b=<recipient of b>"])
def test_what_does_not_name_recipients_names_none(text: str) -> None:
    assert recipients_in(text) is None


def test_no_keys_give_an_empty_secret_and_no_recipients() -> None:
    record = run(lambda: AgeKeys("keys", AgeKeysArgs(keys=[]), on_cluster()))

    assert record.named("keys").outputs == {"recipients": {}}


def test_a_supplied_key_that_is_none_fails_without_showing_it() -> None:
    marker = "not-an-identity-but-secret"

    record = attempt(lambda: AgeKeys("keys", AgeKeysArgs(keys=[AgeKey(name="k", identity=pulumi.Output.secret(marker))]), on_cluster()))

    assert isinstance(record.exception, ValueError)
    invariants.check_no_leak(record, [marker])


FILE = f"# created: 2026-11-24T12:00:00Z\n# public key: {recipient_of(IDENTITY)}\n{IDENTITY}\n"


def test_a_whole_age_keygen_file_lands_in_the_secret_as_it_is() -> None:
    record = keys(AgeKey(name="2026-11", identity=FILE))

    wrapped = record.object("Secret", "sops-age").inputs["data"]["2026-11.agekey"]
    assert base64.b64decode(wrapped.value).decode() == FILE
    assert record.named("keys").outputs == {"recipients": {"2026-11": recipient_of(IDENTITY)}}
    invariants.check_no_leak(record, [IDENTITY, FILE])


def test_a_preview_without_the_secret_knows_a_declared_recipient_whatever_else_it_does_not_know() -> None:
    def program() -> None:
        declared = AgeKey(name="declared", identity=unknown_secret(), recipient=recipient_of(IDENTITY))
        others = [AgeKey(name="generated"), AgeKey(name="supplied", identity=unknown_secret())]
        AgeKeys("keys", AgeKeysArgs(keys=[declared, *others]), on_cluster())

    record = run(program, preview=True)

    recipients = {"declared": recipient_of(IDENTITY), "generated": UNKNOWN, "supplied": UNKNOWN}
    assert record.named("keys").outputs == {"recipients": recipients}
    data = record.object("Secret", "sops-age").inputs["data"]
    assert data == {f"{name}.agekey": Secret(UNKNOWN) for name in recipients}


@pytest.mark.parametrize("stated", [True, False])
def test_a_post_quantum_key_is_taken_with_its_recipient_and_without(stated: bool) -> None:
    identity, recipient = post_quantum_key("any seed")

    record = keys(AgeKey(name="2026-11", identity=identity, recipient=recipient if stated else None))

    assert record.named("keys").outputs == {"recipients": {"2026-11": recipient}}
    assert set(record.object("Secret", "sops-age").inputs["data"]) == {"2026-11.agekey"}
    invariants.check_no_leak(record, [identity])


@pytest.mark.parametrize(
    ("identity", "recipient", "message"),
    [
        (IDENTITY, recipient_of(identity_from_seed("another key")), "the identity's own recipient is"),
        (post_quantum_key("any seed")[0], post_quantum_key("another seed")[1], "the identity's own recipient is age1pq1"),
        (post_quantum_key("any seed")[0], recipient_of(IDENTITY), "the identity's own recipient is age1pq1"),
    ],
    ids=["another recipient", "another post-quantum one", "a post-quantum one with a short one"],
)
def test_a_key_without_its_own_recipient_makes_no_secret(identity: str, recipient: str | None, message: str) -> None:
    def program() -> None:
        key = AgeKey(name="k", identity=pulumi.Output.secret(identity), recipient=recipient)
        AgeKeys("keys", AgeKeysArgs(keys=[key]), on_cluster())

    record = attempt(program)

    assert isinstance(record.exception, ValueError)
    assert message in str(record.exception)
    assert not list(record.kubernetes())
    invariants.check_no_leak(record, [identity])


def test_the_newest_key_is_the_last_by_name_in_whatever_order_they_are_given() -> None:
    found: list[str | None] = []

    def program() -> None:
        for position, names in enumerate((["2026-11", "2026-05"], ["2026-05", "2026-11"], [])):
            args = AgeKeysArgs(keys=[AgeKey(name=name, identity=IDENTITY) for name in names])
            found.append(AgeKeys(f"keys-{position}", args, on_cluster() if position == 0 else None).newest)

    run(program)

    assert found == ["2026-11", "2026-11", None]
