"""Whole examples for the readers, to be damaged."""

import io
import json
import tarfile

from flux.release import artifact
from tests.gitops.api_server import FakeApiServer
from tests.gitops.check.samples import FOLDER, RECIPIENTS
from tests.gitops.flux_objects import controller, flux_object, ready
from tests.keys import host_key
from tests.security.odd_servers import DISCOVERY


def _layer(text: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("source-controller.yaml")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


ANSWER = json.dumps({"metadata": {"continue": ""}, "items": [flux_object("GitRepository", name, ready()) for name in ("a", "b")]})
CONTROLLERS = json.dumps({"metadata": {}, "items": [controller("source-controller"), controller("kustomize-controller")]})
KINDS = json.dumps(FakeApiServer(objects=[flux_object("GitRepository", "a", ready())]).answer(DISCOVERY[1])[1])
LAYER = _layer("kind: Deployment\n")
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {a: b}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: default}\nstringData: {a: b}\n"
CREATION_RULES = (
    f"creation_rules:\n  - path_regex: \\.sops\\.ya?ml$\n    encrypted_regex: ^(data|stringData)$\n    age: {RECIPIENTS['current']}\n"
)
RECORD = f"""\
keys: {{2026-11: {RECIPIENTS["current"]}}}
repositories:
  - source: GitRepository/flux-system/repository
    url: https://git.test/repository.git
    commit: 1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d
    files:
      apps/a.sops.yaml: [{RECIPIENTS["current"]}, pgp]
      apps/b.sops.yaml: {{threshold: 2, groups: [[{RECIPIENTS["current"]}], [{RECIPIENTS["person"]}]]}}
    asServiceAccount: [apps/a.sops.yaml]
"""
KEY_GROUPS = (
    "creation_rules:\n  - path_regex: a\n    shamir_threshold: 2\n    key_groups:\n"
    f"      - age: [{RECIPIENTS['current']}]\n      - age: [{RECIPIENTS['person']}]\n        pgp: [abc]\n"
)
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: apps
namePrefix: a-
resources: [a.yaml, ../vars]
components: [../vars]
labels: [{pairs: {a: b}, includeSelectors: true}]
patches:
  - target: {kind: ConfigMap, name: a.*, labelSelector: "a in (b), !c"}
    patch: |
      - {op: replace, path: /data/a, value: c}
      - {op: copy, from: /data/a, path: /data/b}
  - patch: "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\ndata: {c: d}"
secretGenerator: [{name: s, envs: [s.env], literals: [a=b], files: [k=a.yaml]}]
configMapGenerator: [{name: c, files: [a.yaml]}]
"""
OBJECTS = (FOLDER / "clean" / "apps").rglob("*.yaml")
KUBECONFIG = json.dumps(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a", "namespace": "b"}}],
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:6443", "tls-server-name": "a"}}],
        "users": [{"name": "a", "user": {"token": "made-up", "exec": {"command": "a", "apiVersion": "client.authentication.k8s.io/v1"}}}],
    }
)
MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.cncf.flux.config.v1+json", "digest": f"sha256:{'1' * 64}", "size": 1},
    "layers": [{"mediaType": artifact.CONTENT_MEDIA_TYPE, "digest": f"sha256:{'2' * 64}", "size": 1}],
}
INDEX = {"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST["mediaType"], "digest": f"sha256:{'3' * 64}", "size": 1}]}
KNOWN_HOSTS = (
    f"git.test {host_key()}\n[git.test]:2222,*.test,!a.test {host_key()}\n|1|c2FsdA==|aGFzaA== {host_key()}\n@revoked x {host_key()}"
)
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: source-controller, namespace: flux-system, labels: {app.kubernetes.io/version: v2.9.4}}
spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{name: manager, args: ["--a=b"], image: "a:v1"}]}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gitrepositories.source.toolkit.fluxcd.io, labels: {app.kubernetes.io/version: v2.9.4}}
spec: {group: source.toolkit.fluxcd.io, names: {kind: GitRepository}, versions: [{name: v1, storage: true, served: true, schema: {}}]}
"""
