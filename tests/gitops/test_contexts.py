import base64
import hashlib
import os
import ssl
from pathlib import Path

import pytest
import yaml

from gitops.contexts import context_names, current_context, reached
from tests.keys import certificate


def write(folder: Path, name: str, cluster: dict[str, str], **more: object) -> Path:
    document = {
        "contexts": [{"name": name, "context": {"cluster": f"c-{name}", "user": "u"}}],
        "clusters": [{"name": f"c-{name}", "cluster": {"server": f"https://{name}:6443/", **cluster}}],
        "users": [{"name": "u"}],
        **more,
    }
    file = folder / f"{name}.config"
    file.write_text(yaml.safe_dump(document))
    return file


FINGERPRINT = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate())).hexdigest()


def test_several_files_are_one_kubeconfig_whose_first_current_context_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"certificate-authority-data": base64.b64encode(certificate().encode()).decode()}
    files = [write(tmp_path, "b", {}), write(tmp_path, "a", data, **{"current-context": "a"})]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, [*files, tmp_path / "nothing"])))
    assert context_names() == ["a", "b"]
    assert current_context() == "a"
    assert (reached(None, "a").server, reached(None, "a").ca_sha256) == ("https://a:6443", FINGERPRINT)
    assert reached(None, "b").ca_sha256 is None


def test_a_certificate_in_a_file_is_found_beside_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text(certificate())
    file = write(tmp_path, "a", {"certificate-authority": "ca.crt"})
    assert reached(file, "a").ca_sha256 == FINGERPRINT
    (tmp_path / "ca.crt").write_text("nothing of the kind")
    assert reached(file, "a").ca_sha256 is None


@pytest.mark.parametrize("text", ["", "[", "- a", "contexts: {a: b}", "contexts: [1, {name: a}]"])
def test_a_file_that_is_not_a_kubeconfig_has_no_context(text: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(text)
    assert context_names(tmp_path / "config") == []
    assert current_context(tmp_path / "config") is None
