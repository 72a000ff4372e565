"""Which annotations of a ServiceAccount make a cloud know it."""

import pytest

from flux.keys.cloud_annotations import is_known_to_a_cloud


@pytest.mark.parametrize(
    "annotation",
    [
        "eks.amazonaws.com/role-arn",
        "azure.workload.identity/client-id",
        "iam.gke.io/gcp-service-account",
        "gcp.auth.fluxcd.io/workload-identity-provider",
    ],
)
def test_a_clouds_own_annotation_is_one(annotation: str) -> None:
    assert is_known_to_a_cloud({"note": "", annotation: ""})


@pytest.mark.parametrize("annotation", ["note", "eks.amazonaws.com/token-expiration", "a.test/iam.gke.io/"])
def test_any_other_is_none(annotation: str) -> None:
    assert not is_known_to_a_cloud({annotation: ""})
