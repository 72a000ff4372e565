"""`flux.verify` with the real CLI, and signatures in the embedded Gitea's OCI registry as cosign puts them there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from devcluster.gitea.gitea_server import ORGANISATION
from devcluster.gitea.oci_push import Registry
from devcluster.gitea.organisation import GiteaApi
from devcluster.machine.home import LOOPBACK
from flux.release.distribution import read_distribution
from flux.signature.signed_digest import cosign_payload
from tests.e2e.running_stack import Finished, RunningStack, own_clone
from tests.flux.oci_server import IMAGE_INDEX, IMAGE_MANIFEST, digest_of
from tests.flux.private_sigstore import ISSUER, SUBJECT, PrivateSigstore
from tests.flux.signed_artifacts import BUNDLE, NAME, PAYLOAD, another_key, b64, our_key, public_pem, signed
from tests.manifests import manifests_directory

ARTIFACT = f"{ORGANISATION}/flux-signed"
EMPTY = b"{}"


class AnyRegistry(Registry):
    """A registry that is also given what is no artifact of ours."""

    def push_manifest(self, repository: str, reference: str, manifest: dict[str, Any], *blobs: bytes) -> str:
        """Push it after the blobs that it names, under a tag or its digest; the digest of the manifest."""
        for content in blobs:
            self._push_blob(repository, content)
        content = json.dumps({"schemaVersion": 2, **manifest}, sort_keys=True).encode()
        path = f"/v2/{repository}/manifests/{reference or digest_of(content)}"
        self._expect(self._send("PUT", path, content=content, headers={"Content-Type": str(manifest["mediaType"])}))
        return digest_of(content)


class Signed:
    """An artifact in Gitea, and a clone whose stack file says who must have signed it."""

    def __init__(self, stack: RunningStack, clone: Path) -> None:
        self.stack, self.clone = stack, clone
        self.version = read_distribution(manifests_directory()).version
        self.digest = stack.cluster.samples.push_flux_artifact("flux-signed", self.version, manifests_directory())
        self.reference = f"{LOOPBACK}:{stack.cluster.home.port('gitea-http')}/{ARTIFACT}:{self.version}@{self.digest}"
        self._shipped = (clone / "Pulumi.dev.yaml").read_text(encoding="utf-8")

    def push(self, reference: str, manifest: dict[str, Any], *blobs: bytes) -> str:
        with (
            GiteaApi(self.stack.cluster.gitea) as api,
            AnyRegistry(self.stack.cluster.gitea.url, api.git_authorization) as registry,
        ):
            return registry.push_manifest(ARTIFACT, reference, manifest, *blobs)

    def preview(self, verify: dict[str, Any], expect: int | None) -> Finished:
        text = self._shipped.replace("    logLevel: info", f"    logLevel: info\n    verify: {json.dumps(verify)}")
        (self.clone / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")
        command = ("pulumi", "preview", "--stack", self.stack.name, "--non-interactive", "--color", "never")
        return self.stack.run(*command, expect=expect, changes={"GITOPS_DEV_FLUX_MANIFESTS": self.reference}, clone=self.clone)


@pytest.fixture(scope="module")
def artifact(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return Signed(stack, own_clone(tmp_path_factory.mktemp("signed") / "clone"))


def test_signatures_in_gitea_decide_what_a_preview_accepts(artifact: Signed) -> None:
    ours, theirs = {"key": public_pem(our_key())}, {"key": public_pem(another_key())}
    unsigned = artifact.preview(ours, expect=None)
    assert unsigned.code != 0
    assert "gitops:flux.verify: finds no signature by cosign" in unsigned.printed
    assert "It is unknown who made these manifests." in unsigned.printed
    assert "Traceback" not in unsigned.printed

    payload = cosign_payload(NAME, artifact.digest)
    signature = {"dev.cosignproject.cosign/signature": b64(signed(our_key(), payload))}
    layer = {"mediaType": PAYLOAD, "digest": digest_of(payload), "size": len(payload), "annotations": signature}
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest_of(EMPTY), "size": len(EMPTY)}
    manifest = {"mediaType": IMAGE_MANIFEST, "config": config, "layers": [layer]}
    artifact.push(f"{artifact.digest.replace(':', '-')}.sig", manifest, EMPTY, payload)

    accepted = artifact.preview(ours, expect=0)
    assert "is signed by the key in gitops:flux.verify.key" in " ".join(accepted.printed.split())
    refused = artifact.preview(theirs, expect=None)
    assert refused.code != 0
    assert "it was not made with this key" in " ".join(refused.printed.split())

    sigstore = PrivateSigstore()
    sigstore.trusted_root(artifact.clone / "trusted_root.json")
    bundle = sigstore.bundle_of_artifact(sigstore.signer(), artifact.digest)
    empty = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(EMPTY), "size": len(EMPTY)}
    subject = {"mediaType": IMAGE_MANIFEST, "digest": artifact.digest, "size": 1}
    held = {"mediaType": BUNDLE, "digest": digest_of(bundle), "size": len(bundle)}
    referrer = {"mediaType": IMAGE_MANIFEST, "artifactType": BUNDLE, "config": empty, "layers": [held], "subject": subject}
    listed = artifact.push("", referrer, EMPTY, bundle)
    item = {"mediaType": IMAGE_MANIFEST, "artifactType": BUNDLE, "digest": listed, "size": 1}
    artifact.push(artifact.digest.replace(":", "-"), {"mediaType": IMAGE_INDEX, "manifests": [item]})

    us = {"issuer": f"^{re.escape(ISSUER)}$", "subject": f"^{re.escape(SUBJECT)}$"}
    keyless = artifact.preview({"matchOIDCIdentity": [us], "trustedRoot": "trusted_root.json"}, expect=0)
    assert f"is signed by {SUBJECT}" in " ".join(keyless.printed.split())
    others = {**us, "subject": r"^https://github\.com/other/.+$"}
    refused = artifact.preview({"matchOIDCIdentity": [others], "trustedRoot": "trusted_root.json"}, expect=None)
    assert refused.code != 0
    assert f"it was made by {SUBJECT}" in " ".join(refused.printed.split())
