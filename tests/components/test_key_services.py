"""What logs in to a key service stands in the Secret with the age keys."""

import pulumi

from components.age_keys import AgeKey, AgeKeys, AgeKeysArgs
from flux.keys.age_identity import identity_from_seed
from tests import invariants
from tests.engine import run
from tests.small_programs import provider


def test_it_stands_beside_the_age_keys_whose_recipients_alone_are_told() -> None:
    def program() -> None:
        keys = [AgeKey(name="k", identity=identity_from_seed("a supplied key"))]
        args = AgeKeysArgs(keys=keys, key_services={"sops.vault-token": pulumi.Output.secret("hunter2")})
        AgeKeys("keys", args, pulumi.ResourceOptions(providers=[provider()]))

    record = run(program)

    assert set(record.object("Secret", "sops-age").inputs["data"]) == {"k.agekey", "sops.vault-token"}
    assert set(record.named("keys").outputs["recipients"]) == {"k"}
    invariants.check_no_leak(record, ["hunter2"])
