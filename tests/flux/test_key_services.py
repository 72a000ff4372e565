"""What logs in to a key service has the entries that Flux reads; a sentence about it never shows it."""

import json

import pytest

from flux.keys.key_services import KeyService, fault_of_key_service
from flux.secret_shapes import redacted

AWS = "aws_access_key_id: hunter2\naws_secret_access_key: hunter2\n"
ACCOUNT = {"type": "service_account", "client_email": "a@b.test", "private_key": "hunter2"}


@pytest.mark.parametrize(
    ("service", "value"),
    [
        ("vault-token", "hvs.marker"),
        ("aws-kms", AWS),
        ("aws-kms", AWS + "aws_session_token: hunter2\n"),
        ("aws-kms", AWS.upper()),
        ("aws-kms", "{aws_access_key_id: a, aws_secret_access_key: 123}"),
        ("azure-kv", "tenantId: a\nclientId: b\nclientSecret: c\n"),
        ("azure-kv", "tenantId: a\nclientId: b\nclientCertificate: c\n"),
        ("azure-kv", "clientId: a managed identity"),
        ("azure-kv", json.dumps({"appId": "a", "displayName": "d", "password": "hunter2", "tenant": "t"})),
        ("gcp-kms", json.dumps(ACCOUNT)),
        ("gcp-kms", json.dumps({"type": "external_account", "audience": "a"})),
    ],
)
def test_a_key_service_gets_what_flux_reads_there(service: KeyService, value: str) -> None:
    assert fault_of_key_service(service, value) is None


@pytest.mark.parametrize(
    ("service", "value", "words"),
    [
        ("vault-token", "hunter2\n", "a line break"),
        ("aws-kms", "hunter2", "does not have the form that Flux reads"),
        ("aws-kms", "AccessKeyId: hunter2", "lacks an entry that Flux needs"),
        ("aws-kms", "aws_access_key_id: hunter2", "lacks an entry"),
        ("aws-kms", "aws_access_key_id: hunter2\naws_secret_access_key:\n", "leaves it empty"),
        ("azure-kv", "[hunter2", "does not have the form that Flux reads"),
        ("azure-kv", "tenantId: hunter2\nclientSecret: hunter2\n", "lacks an entry"),
        ("azure-kv", "appId: hunter2\npassword: hunter2", "lacks an entry"),
        ("gcp-kms", "type: service_account", "does not have the form that Flux reads"),
        ("gcp-kms", json.dumps({"client_email": "hunter2"}), "lacks an entry"),
        *(("gcp-kms", json.dumps({**ACCOUNT, lacking: ""}), "leaves it empty") for lacking in ACCOUNT),
    ],
)
def test_what_flux_could_not_log_in_with_is_refused(service: KeyService, value: str, words: str) -> None:
    fault = fault_of_key_service(service, value)

    assert fault is not None
    assert words in fault.wrong
    assert "hunter2" not in str(fault)
    assert str(fault) == redacted(str(fault))
