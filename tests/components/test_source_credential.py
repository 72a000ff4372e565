"""A credential's Secret, and the SSH keys that are generated for it."""

import base64

import pulumi

from components.source_credential import SourceCredential, SourceCredentialArgs
from flux.keys.generated_ssh_keys import private_key_from_seed
from flux.keys.ssh_private_keys import public_line_of
from tests import invariants
from tests.engine import run
from tests.small_programs import provider


def on_cluster() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(providers=[provider()])


def generating(*names: str, active: str | None = None, **values: pulumi.Input[str]) -> SourceCredentialArgs:
    return SourceCredentialArgs(secret_name="deploy", values=values, generated_keys=list(names), active_key=active)


def test_a_generated_ssh_key_comes_from_the_password_and_from_nothing_that_all_clusters_share() -> None:
    answers = {"random:index/randomPassword:RandomPassword": lambda _: {"result": "what the provider made"}}

    record = run(lambda: SourceCredential("deploy", generating("k", active="k"), on_cluster()), answers=answers)

    key = private_key_from_seed("what the provider made")
    data = {name: base64.b64decode(value.value).decode() for name, value in record.object("Secret", "deploy").inputs["data"].items()}
    assert data == {"identity": key, "identity.pub": public_line_of(key)}
    assert record.named("deploy").outputs == {"publicKeys": {"k": public_line_of(key)}}
    (seed,) = record.of_type("random:index/randomPassword:RandomPassword")
    assert (seed.name, seed.inputs, seed.parent) == ("deploy-seed_k", {"length": 64, "special": False}, record.named("deploy").urn)
    invariants.check_no_leak(record, [key, key.splitlines()[1]])


def test_keys_that_are_not_active_are_made_and_stay_out_of_the_secret() -> None:
    record = run(lambda: SourceCredential("deploy", generating("a", "b", identity="supplied"), on_cluster()))

    assert set(record.object("Secret", "deploy").inputs["data"]) == {"identity"}
    assert set(record.named("deploy").outputs["publicKeys"]) == {"a", "b"}


def test_the_entries_of_a_secret_are_known_before_it_is_made() -> None:
    assert generating("a", known_hosts="x").entries() == {"known_hosts"}
    assert generating("a", active="a", known_hosts="x").entries() == {"known_hosts", "identity", "identity.pub"}
