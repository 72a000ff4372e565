"""Kinds of change, each as what it does to one pair of files. The first two words of a name say what the golden file is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field

STACK = """\
config:
  gitops:environment: production
  gitops:cluster:
    name: homelab
    context: admin@homelab
    server: https://192.168.1.10:6443
    caSha256: "{ca}"
  gitops:flux:
    manifests: ./manifests/v2.9.4
  gitops:age:
    keys: {{"2026-05": supplied, "2026-11": supplied}}
  gitops:credentials:
    gitea-read: {{type: basic, username: flux}}
    deploy: {{type: ssh}}
    charts: {{type: registry, server: registry.test, username: flux}}
  gitops:variables: {{CLUSTER_NAME: homelab, CLUSTER_DOMAIN: lab.test}}
  gitops:use: [base]
  gitops:override:
    git/apps:
      spec: {{interval: 15m}}
  gitops:onDestroy: keepWorkloads
""".format(ca="a" * 64)
CATALOG = """\
hosts:
  gitea: {url: "https://git.test/org"}
  ssh:
    url: ssh://git@git.test/org
    knownHosts: git.test ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtlc3RrZXl0ZXN0a2V5dGVzdGtleXRlc3RrZXl0ZXN0
defaults:
  GitRepository: {interval: 1h, ref: {branch: main}}
  HelmRepository: {interval: 12h}
  Kustomization: {interval: 1h, prune: true, timeout: 5m}
git:
  apps: {from: gitea/apps, credential: gitea-read}
  models: {from: gitea/models, credential: gitea-read}
  infra: {from: ssh/infra, credential: deploy}
  only-in-staging: {from: gitea/only, groups: [more], credential: gitea-read}
helm:
  cilium: {url: "https://helm.cilium.test"}
  charts: {kind: HelmRepository, url: "oci://registry.test/charts", credential: charts}
  podinfo:
    url: oci://registry.test/charts/podinfo
    spec: {interval: 1h, ref: {tag: 6.0.0, digest: "sha256:%s"}}
kustomizations:
  apps:
    spec:
      sourceRef: {kind: GitRepository, name: apps}
      path: ./apps
      decryption: {provider: sops}
      deletionPolicy: Delete
  infra:
    spec:
      sourceRef: {kind: GitRepository, name: infra}
      path: ./infra
      deletionPolicy: Orphan
""" % ("a" * 64)
ARTIFACT = "ghcr.io/fluxcd/flux-manifests:v2.9.4"
PERSON = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
Edit = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of change: what is replaced in the stack file and the catalog, after or before."""

    stack: tuple[Edit, ...] = ()
    catalog: tuple[Edit, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    """Stack → its file before; by default, `production` as it is."""
    after: Mapping[str, str] = field(default_factory=dict)
    """The same after, where it is no edit."""
    catalog_before: tuple[Edit, ...] = ()
    """What the catalog has before, and no longer."""
    stacks: tuple[str, ...] = ("production",)
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    files_before: Mapping[str, str] = field(default_factory=dict)
    """Other file → what it says before; and after, unless `files` says otherwise."""
    files: Mapping[str, str] = field(default_factory=dict)


SEALED = """\
encryptionsalt: v1:{salt}
config:
  gitops:gitea-read-password: {{secure: "v1:{password}"}}
  gitops:age-2026-11: {{secure: "v1:{key}"}}
  gitops:deploy-identity: {{secure: "v1:{identity}"}}
"""
"""Secrets in a stack file; their texts stand for ciphertexts, of which nothing may be shown."""


def sealed(more: str = "", **values: str) -> Edit:
    """Edits the beginning of the stack file."""
    as_it_was = {"salt": "salt-A", "password": "cipher-A", "key": "cipher-B", "identity": "cipher-C"}
    return "config:\n", SEALED.format(**{**as_it_was, **values}) + more


def with_secrets(edit: Edit) -> str:
    """The stack file with them."""
    return STACK.replace(*edit, 1)


RECORD = """\
keys: {{2026-05: {old}}}
repositories:
  - source: GitRepository/apps
    url: https://git.test/org/apps.git
    commit: {commit}
    files: {{{files}}}
"""
OLD_KEY = "age1lpgejgutju42lrcjg7f6vp52q2dpw06ewgaq7et2anesew2yn40qxxy0lj"
NEW_KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


def record(commit: str, **files: str) -> dict[str, str]:
    """The record of `gitops check`, with the recipient of each file."""
    listed = ", ".join(f"{name}.yaml: [{recipient}]" for name, recipient in files.items())
    return {"checked/production.yaml": RECORD.format(old=OLD_KEY, commit=commit * 40, files=listed)}


KINDS: dict[str, Kind] = {
    "nothing": Kind(),
    "interval-from-an-override": Kind(stack=(("interval: 15m", "interval: 5m"),)),
    "fields-from-an-override-and-an-entry": Kind(
        stack=(("15m", "5m"),), catalog=(("gitea-read}\n  models", "gitea-read, spec: {ref: {tag: v2}}}\n  models"),)
    ),
    "interval-from-a-default-in-every-stack": Kind(
        catalog=(("GitRepository: {interval: 1h", "GitRepository: {interval: 30m"),), stacks=("production", "staging")
    ),
    "flux-upgrade": Kind(before={"production": STACK.replace("v2.9.4", "v2.8.8")}),
    "flux-downgrade-that-is-not-allowed": Kind(stack=(("v2.9.4\n", "v2.8.8\n"),)),
    "flux-downgrade": Kind(stack=(("v2.9.4\n", "v2.8.8\n    allowDowngrade: true\n"),)),
    "kustomization-goes-and-prunes": Kind(
        catalog=(
            (
                "  apps:\n    spec:\n      sourceRef: {kind: GitRepository, name: apps}\n      path: ./apps\n"
                "      decryption: {provider: sops}\n      deletionPolicy: Delete\n",
                "",
            ),
        )
    ),
    "kustomization-goes-and-orphans": Kind(
        catalog=(
            (
                "  infra:\n    spec:\n      sourceRef: {kind: GitRepository, name: infra}\n      path: ./infra\n"
                "      deletionPolicy: Orphan\n",
                "",
            ),
        )
    ),
    "kustomization-moves-and-begins-to-delete": Kind(
        catalog=(("path: ./apps", "path: ./clusters/production"), ("      deletionPolicy: Orphan\n", "      deletionPolicy: Delete\n"))
    ),
    "host-moves-and-its-credential-follows": Kind(
        catalog=(('gitea: {url: "https://git.test/org"}', 'gitea: {url: "https://git.elsewhere.test/org"}'),)
    ),
    "environment-becomes-development": Kind(stack=(("environment: production", "environment: development"),)),
    "cluster-pin-is-removed": Kind(
        stack=(("environment: production", "environment: development"), (f'    caSha256: "{"a" * 64}"\n', "")),
    ),
    "cluster-pin-changes": Kind(stack=(('"' + "a" * 64, '"' + "b" * 64), ("192.168.1.10", "192.168.1.66"))),
    "key-goes": Kind(stack=(('"2026-05": supplied, ', ""),)),
    "key-that-no-recorded-file-needs-goes": Kind(
        stack=(('"2026-05": supplied, ', ""),), files_before=record("a", login=NEW_KEY), files=record("a", login=NEW_KEY)
    ),
    "credential-changes-its-type": Kind(
        stack=(("{type: registry, server: registry.test, username: flux}", "{type: basic, username: flux}"),),
    ),
    "host-keys-change": Kind(catalog=(("AAAAIEtlc3RrZXl0ZXN0", "AAAAIEdlc3RrZXl0ZXN0"),)),
    "digest-changes-without-its-version": Kind(catalog=(("sha256:" + "a" * 64, "sha256:" + "b" * 64),)),
    "source-is-no-longer-pinned": Kind(catalog=((', digest: "sha256:' + "a" * 64 + '"', ""),)),
    "helm-source-goes": Kind(catalog=(('  cilium: {url: "https://helm.cilium.test"}\n', ""),)),
    "controller-and-its-crds-go": Kind(
        stack=(
            (
                "    manifests: ./manifests/v2.9.4\n",
                "    manifests: ./manifests/v2.9.4\n    components: [source-controller, kustomize-controller]\n",
            ),
        )
    ),
    "rbac-is-patched": Kind(
        stack=(
            (
                "    manifests: ./manifests/v2.9.4\n",
                "    manifests: ./manifests/v2.9.4\n    patches:\n      - kind: ClusterRoleBinding\n        name: cluster-reconciler\n"
                "        patch: {roleRef: {name: edit}}\n",
            ),
        )
    ),
    "network-policies-and-flags-go": Kind(
        before={
            "production": STACK.replace(
                "v2.9.4\n",
                "v2.9.4\n    flags: {kustomize-controller: {no-cross-namespace-refs: true}}\n",
            )
        },
        stack=(("    manifests: ./manifests/v2.9.4\n", "    manifests: ./manifests/v2.9.4\n    networkPolicy: false\n"),),
    ),
    "shard-comes": Kind(
        stack=(("v2.9.4\n", "v2.9.4\n    shards: [shard1]\n"),),
        catalog=(("{from: gitea/models, credential: gitea-read}", "{from: gitea/models, credential: gitea-read, shard: shard1}"),),
    ),
    "shard-goes": Kind(
        before={"production": STACK.replace("v2.9.4\n", "v2.9.4\n    shards: [shard1, shard2]\n")},
        stack=(("v2.9.4\n", "v2.9.4\n    shards: [shard2]\n"),),
    ),
    "variables-change": Kind(
        stack=(("{CLUSTER_NAME: homelab, CLUSTER_DOMAIN: lab.test}", "{CLUSTER_NAME: home, TIMEZONE: Europe/Berlin}"),)
    ),
    "objects-of-somebody-else-are-taken-over": Kind(
        stack=(("onDestroy: keepWorkloads", "onDestroy: removeWorkloads\n  gitops:takeOver: [flux, unknown]"),)
    ),
    "kustomization-is-suspended-and-gets-other-rights": Kind(
        catalog=(
            (
                "      path: ./infra\n",
                "      path: ./infra\n      suspend: true\n      force: true\n"
                "      serviceAccountName: infra\n      targetNamespace: infra\n",
            ),
        )
    ),
    "source-is-suspended": Kind(catalog=(("apps, credential: gitea-read}", "apps, credential: gitea-read, spec: {suspend: true}}"),)),
    "kustomization-no-longer-prunes-nor-decrypts": Kind(
        catalog=(("      decryption: {provider: sops}\n", "      prune: false\n"), ("path: ./infra", "path: ./infra\n      prune: false"))
    ),
    "flux-digest-changes-without-its-version": Kind(
        before={"production": STACK.replace("./manifests/v2.9.4", f"{ARTIFACT}@sha256:{'a' * 64}")},
        stack=(("./manifests/v2.9.4", f"{ARTIFACT}@sha256:{'b' * 64}"),),
    ),
    "flux-comes-from-elsewhere": Kind(stack=(("./manifests/v2.9.4", f"registry.test/flux-manifests:v2.9.4@sha256:{'b' * 64}"),)),
    "credential-of-a-source-changes": Kind(
        stack=(("    deploy: {type: ssh}\n", "    deploy: {type: ssh}\n    other: {type: basic, username: x}\n"),),
        catalog=(("apps: {from: gitea/apps, credential: gitea-read}", "apps: {from: gitea/apps, credential: other}"),),
    ),
    "ssh-key-is-switched": Kind(
        before={"production": STACK.replace("deploy: {type: ssh}", "deploy: {type: ssh, generated: [first, second], active: first}")},
        stack=(("deploy: {type: ssh}", "deploy: {type: ssh, generated: [first, second], active: second}"),),
    ),
    "source-moves-on-its-server": Kind(catalog=(("from: gitea/apps", "from: gitea/fork-of-apps"),)),
    "source-becomes-unencrypted": Kind(
        before={"production": STACK.replace("environment: production", "environment: development")},
        stack=(("environment: production", "environment: development"),),
        catalog=(('url: "https://helm.cilium.test"', 'url: "http://helm.cilium.test"'),),
    ),
    "source-is-no-longer-verified": Kind(
        catalog_before=(("ref: {tag: 6.0.0,", "verify: {provider: cosign, secretRef: {name: cosign}}, ref: {tag: 6.0.0,"),)
    ),
    "person-may-decrypt": Kind(stack=(("supplied}\n", f"supplied}}\n    recipients: [{PERSON}]\n"),)),
    "stack-goes": Kind(stacks=("production", "staging"), gone=("staging",)),
    "stack-is-refused": Kind(stack=(("interval: 15m", "interval: 5 minutes"),)),
    "hostile-values": Kind(
        catalog=(("path: ./apps", "path: './a`**b**` @admin <img src=x> [c](http://d)'"),),
        stack=(("lab.test}", '"</details>\\n```\\n# @everyone ![x](http://y) | --> `"}'),),
    ),
    "secrets-get-other-values": Kind(
        before={"production": with_secrets(sealed())},
        stack=(sealed(password="cipher-D", key="cipher-E", more='  gitops:charts-password: {secure: "v1:cipher-F"}\n'),),
    ),
    "secret-gets-the-value-of-another": Kind(before={"production": with_secrets(sealed())}, stack=(sealed(password="cipher-B"),)),
    "passphrase-changes": Kind(
        before={"production": with_secrets(sealed())},
        stack=(sealed(salt="salt-B", password="cipher-D", key="cipher-E", identity="cipher-F"),),
    ),
    "secrets-provider-changes": Kind(
        before={"production": with_secrets(sealed())},
        stack=(("config:\n", "secretsprovider: awskms://alias/somebody\n" + sealed(identity="cipher-F")[1]),),
    ),
    "checks-are-switched-off": Kind(
        stack=(
            (
                "onDestroy: keepWorkloads\n",
                "onDestroy: keepWorkloads\n  gitops:removeTakenOver: true\n"
                "  gitops:insecureHosts: {helm.cilium.test: It is in the cluster.}\n  gitops:acknowledge:\n"
                "    - {finding: plain-secret, repository: apps, file: apps/login.yaml, because: Test data.}\n",
            ),
        ),
        catalog=(('url: "https://helm.cilium.test"', 'url: "http://helm.cilium.test"'),),
    ),
    "pulumi-runs-something-else": Kind(
        files={
            "Pulumi.yaml": "name: gitops\nmain: elsewhere\nruntime: {name: python, options: {virtualenv: other}}\n"
            "config: {gitops:takeOver: {default: [unknown]}}\ndescription: It says nothing.\n",
            "Pulumi.json": "{}",
        },
        stack=(("config:\n", "environment: [somebody/config]\nconfig:\n  kubernetes:context: elsewhere\n"),),
    ),
    "record-of-the-check-is-edited": Kind(files_before=record("a", login=OLD_KEY, other=OLD_KEY), files=record("b", other=NEW_KEY)),
    "record-of-the-check-is-new": Kind(files_before=record("a", login=OLD_KEY), files=record("b", login=OLD_KEY, more=OLD_KEY)),
    "stack-comes": Kind(
        stacks=("production", "staging"),
        come=("staging",),
        after={"staging": STACK.replace("name: homelab\n", "name: staging\n") + "  gitops:takeOver: [unknown]\n"},
    ),
}
