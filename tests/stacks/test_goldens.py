"""The whole dev and production stacks are what their golden files say."""

import pytest
import yaml

from tests import goldens
from tests.record import Record
from tests.shipped_stacks import SECRETS


def test_the_dev_stack_is_what_its_golden_file_says(dev_up: Record, update_goldens: bool) -> None:
    goldens.compare("dev", dev_up, update=update_goldens)


def test_the_production_stack_is_what_its_golden_file_says(production_preview: Record, update_goldens: bool) -> None:
    goldens.compare("production", production_preview, update=update_goldens)


def test_a_golden_file_holds_no_secret_and_no_path_of_this_machine(dev_up: Record) -> None:
    text = goldens.rendered(dev_up)

    assert goldens.SECRET in text
    for secret in SECRETS:
        assert secret not in text
    assert "share/v2.9.4" not in text


def test_a_changed_stack_is_shown_as_a_diff_with_the_command_that_accepts_it(dev_preview: Record) -> None:
    with pytest.raises(AssertionError, match=r"--update-goldens") as caught:
        goldens.compare("dev", dev_preview, update=False)

    assert "+    2026-11: <unknown>" in str(caught.value) or "+  ageRecipients: <unknown>" in str(caught.value)


def test_install_objects_are_kept_as_identity_and_digest_only(dev_up: Record) -> None:
    document = yaml.safe_load(goldens.rendered(dev_up))

    deployments = {name: value for name, value in document["installed"].items() if name.startswith("Deployment/")}
    assert len(deployments) == 4
    assert deployments["Deployment/flux-system/helm-controller"].startswith("flux-deployment-helm-controller sha256:")
    assert not any("Deployment" in name for name in document["resources"])
    assert "GitRepository/flux-system/argo-workflows" in document["resources"]
