"""Who re-reads the age keys when they change: a Kustomization that names their Secret at once, one that has the flag's at its interval."""

from pathlib import Path
from typing import Any

import yaml

from tests.e2e.events import about, events_of, failures
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, eventually
from tests.e2e.secrets.conftest import current_keys

KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"
AT_ONCE_SECONDS = 60


def _up(running: RunningStack, folder: Path, keys: list[str], decryption: dict[str, Any]) -> None:
    override = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:override"]
    override["kustomizations/cluster-vars"]["spec"]["decryption"] = decryption
    file = changed_stack_file(folder, age={"keys": dict.fromkeys(keys, "generated")}, override=override)
    running.up("--config-file", file)


def test_a_kustomization_that_names_the_secret_re_reads_it_at_once(running: RunningStack, tmp_path: Path) -> None:
    keys = list(current_keys(running)["age"]["keys"])
    named = {"provider": "sops", "secretRef": {"name": "sops-age"}}
    _up(running, tmp_path, keys, named)
    for name in ("cluster-vars", "cluster-apps"):
        running.reconcile("Kustomization", name)
    with events_of(running.cluster, KUSTOMIZATIONS) as events:
        _up(running, tmp_path, [*keys, "2027-01"], named)
        eventually(lambda: about(events, "cluster-vars"), bool, "cluster-vars, which names the Secret", AT_ONCE_SECONDS)
    assert about(events, "cluster-apps") == [], "it has the controller's key, and an interval of an hour"
    assert failures(events) == []
    _up(running, tmp_path, keys, {"provider": "sops"})
