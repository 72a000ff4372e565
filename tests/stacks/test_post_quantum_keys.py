"""Post-quantum age keys in a stack: like any other, but for a Flux that cannot read them."""

from pathlib import Path

import pytest

from tests import invariants
from tests.engine import entry_point, run
from tests.flux.post_quantum import post_quantum_key
from tests.manifests import manifests_directory
from tests.shipped_stacks import dev
from tests.stacks.test_settings import mistake


def test_a_post_quantum_key_need_not_state_its_recipient_and_must_not_state_another(tmp_path: Path) -> None:
    (identity, recipient), (_, other) = post_quantum_key("supplied"), post_quantum_key("another")
    with_another = {"gitops:age": {"keys": {"2026-05": {"origin": "supplied", "recipient": other}}}}

    record = run(
        entry_point(), **dev(tmp_path, config={"gitops:age": {"keys": {"2026-05": "supplied"}}}, secrets={"age-2026-05": identity})
    )
    text = mistake(dev(tmp_path, config=with_another, secrets={"age-2026-05": identity}))

    assert record.exports["ageRecipients"] == {"2026-05": recipient}
    invariants.check_everything(record, markers=[identity])
    assert f"the identity's own recipient is {recipient[:24]}…, but {other[:24]}… is declared for it" in text
    assert identity not in text


@pytest.mark.parametrize("stated", [True, False])
def test_an_older_flux_gets_no_post_quantum_key_whether_its_recipient_is_stated_or_found(stated: bool, tmp_path: Path) -> None:
    identity, recipient = post_quantum_key("supplied")
    key = {"origin": "supplied", "recipient": recipient} if stated else "supplied"

    older = {"GITOPS_DEV_FLUX_MANIFESTS": str(manifests_directory("v2.8.8"))}
    config = {"gitops:age": {"keys": {"2026-05": key}}}
    text = mistake(dev(tmp_path, config=config, secrets={"age-2026-05": identity}, environment=older))

    where = "gitops:age.keys.2026-05.recipient" if stated else "gitops:age.keys.2026-05"
    assert f"{where}: is a post-quantum key, which Flux v2.8.8 cannot read" in text
