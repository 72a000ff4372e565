"""Pushing artifacts to an OCI registry: just enough of the distribution protocol for Helm charts and Flux artifacts."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from devcluster.gitea.chart_package import Chart, read_tree, tarball
from devcluster.messages.errors import DevclusterError
from flux.release.blob_store import digest_of
from flux.short_text import LONGEST_SAID, trim_middle

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
FLUX_CONFIG = "application/vnd.cncf.flux.config.v1+json"
FLUX_LAYER = "application/vnd.cncf.flux.content.v1.tar+gzip"


class Registry:
    """An OCI registry over HTTP. Use it as a context manager."""

    def __init__(self, url: str, authorization: httpx.BasicAuth) -> None:
        """Speak to the registry at `url` as whom `authorization` says."""
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=60.0)
        self._authorization = authorization
        self._bearer: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def push_chart(self, repository: str, chart: Chart) -> str:
        """Push `chart` with its version as tag, as `helm push` does; the digest of its manifest."""
        config = json.dumps(chart.metadata, sort_keys=True).encode()
        return self._push(repository, chart.version, (HELM_CONFIG, config), (HELM_LAYER, chart.package))

    def push_flux_artifact(self, repository: str, tag: str, manifests: Path | Mapping[str, bytes]) -> str:
        """Push a directory of YAML as `flux push artifact` does; the digest to pin."""
        files = read_tree(manifests) if isinstance(manifests, Path) else manifests
        return self._push(repository, tag, (FLUX_CONFIG, b"{}"), (FLUX_LAYER, tarball(files)))

    def _push(self, repository: str, tag: str, config: tuple[str, bytes], layer: tuple[str, bytes]) -> str:
        for _, content in (config, layer):
            self._push_blob(repository, content)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": _descriptor(*config),
                "layers": [_descriptor(*layer)],
            },
            sort_keys=True,
        ).encode()
        path = f"/v2/{repository}/manifests/{tag}"
        there = self._send("HEAD", path, headers={"Accept": MANIFEST})
        if there.headers.get("Docker-Content-Digest") != digest_of(manifest):
            self._expect(self._send("PUT", path, content=manifest, headers={"Content-Type": MANIFEST}))
        return digest_of(manifest)

    def _push_blob(self, repository: str, content: bytes) -> None:
        if self._send("HEAD", f"/v2/{repository}/blobs/{digest_of(content)}").is_success:
            return
        path = f"/v2/{repository}/blobs/uploads/?digest={digest_of(content)}"
        self._expect(self._send("POST", path, content=content, headers={"Content-Type": "application/octet-stream"}))

    def _send(self, method: str, path: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        answer = self._client.request(method, path, content=content, headers={**self._bearer, **(headers or {})})
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._log_in(answer.headers.get("WWW-Authenticate", ""))
            answer = self._client.request(method, path, content=content, headers={**self._bearer, **(headers or {})})
        return answer

    def _log_in(self, challenge: str) -> None:
        asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        query = {key: asked[key] for key in ("service", "scope") if key in asked}
        answer = self._client.get(asked.get("realm", "/v2/token"), params=query, auth=self._authorization)
        self._expect(answer)
        self._bearer = {"Authorization": f"Bearer {answer.json()['token']}"}

    @staticmethod
    def _expect(answer: httpx.Response) -> None:
        if answer.is_error:
            raise DevclusterError(
                f"the OCI registry refused {answer.request.method} {answer.request.url.path}: "
                f"{answer.status_code} {trim_middle(answer.text.strip(), LONGEST_SAID)}",
                "Nothing can be installed from it.",
                "Run the command again; if that does not help, remove the cluster and start over.",
            )


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}
