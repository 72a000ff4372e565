"""Which annotations of a ServiceAccount make a cloud know it, and which kind of key is asked of that cloud."""

import pytest

from flux.keys.cloud_annotations import cloud_keys_of


@pytest.mark.parametrize(
    ("annotation", "key"),
    [
        ("eks.amazonaws.com/role-arn", "aws-kms"),
        ("azure.workload.identity/client-id", "azure-kv"),
        ("iam.gke.io/gcp-service-account", "gcp-kms"),
        ("gcp.auth.fluxcd.io/workload-identity-provider", "gcp-kms"),
    ],
)
def test_a_clouds_own_annotation_says_whose_keys_it_is(annotation: str, key: str) -> None:
    assert cloud_keys_of({"note": "", annotation: ""}) == {key}


@pytest.mark.parametrize(
    "annotation", ["note", "eks.amazonaws.com/token-expiration", "azure.workload.identity/tenant-id", "a.test/iam.gke.io/"]
)
def test_any_other_says_nothing_of_it(annotation: str) -> None:
    assert cloud_keys_of({annotation: ""}) == frozenset()
