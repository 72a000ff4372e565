"""Which values of an object that Flux applies are shown."""

import json
from typing import Any

from flux.bodies import MANAGED_BY_LABELS, STACK_VARIABLES_CONFIG_MAP
from gitops.compare.effect.masked_fields import masked_fields
from gitops.compare.field_changes import MISSING
from gitops.compare.object_changes import changes_of_objects
from gitops.compare.same_changes import objects_together
from gitops.compare.stack_pair import Pair
from gitops.rendered.stack_view import StackView

WORD = "swordfish"
"""A password that looks like any other word."""


def told(before: Any, after: Any) -> str:
    fields = masked_fields({"spec": before}, {"spec": after}, {})
    assert fields, "the change is told"
    shown = [[each.path, *("" if value is MISSING else value for value in (each.before, each.after))] for each in fields]
    return json.dumps(shown)


def test_no_value_of_a_secret_is_shown_wherever_it_stands() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": WORD}, "data": {"b": WORD}}
    cases: tuple[Any, ...] = (
        *({name: WORD} for name in ("password", "DB_PASS", "dbPwd", "credentials", "apiKeys", "secret", "htpasswd", "rootPassword")),
        {
            "password": 12345678,
            "apiKeys": [WORD],
            "env": {"DB_PASSWORD": {"value": WORD}},
            "list": [{"name": "DB_PASSWORD", "value": WORD}],
        },
        {"args": ["--password", WORD], "command": ["run", "--admin-token", WORD]},
        {"extraObjects": [secret]},
        {"secret": {"stringData": {"a": WORD}}},
        {"patches": [{"patch": f"kind: Secret\nstringData: {{a: {WORD}}}\n"}]},
        {"patches": [{"patch": f"kind: Secret\ndata: {{a: {WORD}}}\n"}]},
        {"patches": [{"patch": f"- {{op: add, path: /spec/values/password, value: {WORD}}}"}]},
        {"patches": [{"patch": f"- {{op: add, path: /stringData/a, value: {WORD}}}"}]},
        {"patches": [{"target": {"kind": "Secret"}, "patch": f"- {{op: add, path: /data/a, value: {WORD}}}"}]},
        {"patches": [{"patch": f"stringData: [{WORD}"}]},
        {"last-applied": json.dumps(secret)},
    )
    for case in cases:
        for shown in (told({}, case), told(case, {}), told({"it": [{}]}, {"it": [case]})):
            assert WORD not in shown, case
            assert "12345678" not in shown
    assert "another secret" in told({"password": WORD}, {"password": f"{WORD}!"})


def test_what_is_no_secret_stays_readable() -> None:
    for name in ("existingSecret", "imagePullSecrets", "secretName", "compass", "bypass", "monkey", "keyName", "secretsEnabled", "host"):
        assert WORD in told({}, {name: WORD}), name
    assert '"yes"' in told({}, {"data": "yes"})
    patch = json.dumps([{"op": "add", "path": "/data/patched", "value": "yes"}])
    assert "patched" in told({}, {"patches": [{"patch": patch, "target": {"kind": "ConfigMap"}}]})


def test_a_stack_that_writes_secrets_in_plain_text_does_not_show_them_either() -> None:
    def stack(word: str) -> StackView:
        which = {"apiVersion": "v1", "metadata": {"labels": MANAGED_BY_LABELS}}
        patches = [{"patch": f"kind: Secret\nstringData: {{a: {word}}}\n"}]
        spec = {"postBuild": {"substitute": {"DB_PASSWORD": word}}, "patches": patches}
        bodies: Any = {
            ("", "ConfigMap", "flux-system", STACK_VARIABLES_CONFIG_MAP): {**which, "data": {"API_TOKEN": word, "DB_PASSWORD": word}},
            ("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", "apps"): {**which, "spec": spec},
        }
        return StackView(name="it", objects=bodies)

    changes = list(changes_of_objects(Pair(before=stack("one1"), after=stack("two2"))))

    assert [each.noun for each in changes] == ["variable", "variable", "Kustomization"]
    assert [word for word in ("one1", "two2") if word in repr(changes)] == []
    assert objects_together(changes)[0].what.plain == "<secret> → <another secret>"
