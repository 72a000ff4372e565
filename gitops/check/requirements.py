"""What `gitops check` requires of the files in Git, each in the shape that a rule of `flux/rules` has. docs/check.md explains each.

The names are stable: scripts read them in the JSON document.
"""

import sys

from flux.finding import GIT
from flux.requirement import Requirement, requirements_in


def _of_git(name: str, summary: str, reason: str) -> Requirement:
    return Requirement(name=name, looks_at=GIT, summary=summary, reason=reason)


UNREADABLE = _of_git(
    "unreadable",
    "The cluster has the keys for every encrypted file that it applies.",
    "If kustomize-controller cannot decrypt one file, it applies nothing of the Kustomization.",
)
NEEDS_REMOVED_KEY = _of_git(
    "needs-removed-key",
    "No file needs an age key that is to be removed.",
    "Without the key, the Kustomization that applies the file would fail.",
)
NOT_DECRYPTED = _of_git(
    "not-decrypted",
    "Encrypted files are in the paths of Kustomizations with `decryption`, and not in ConfigMaps.",
    "Flux would apply the encrypted text as it is, or the API server would refuse it.",
)
ENCRYPTED_METADATA = _of_git(
    "encrypted-metadata",
    "The kind and the metadata of an object are not encrypted.",
    "kustomize builds a path before Flux decrypts it, and needs them.",
)
PLAIN_SECRET = _of_git(
    "plain-secret",
    "Every value of a Secret is encrypted.",
    "Everyone who can read the repository or its history has a value in plain text.",
)
NOT_ENCRYPTED = _of_git(
    "not-encrypted",
    "A file that is named like an encrypted one is encrypted.",
    "Everyone who can read the repository or its history has its values.",
)
ENCRYPTED_ONE_BY_ONE = _of_git(
    "encrypted-one-by-one",
    "All documents of a file were encrypted together.",
    "sops uses the first one's metadata for all of them, Flux the metadata of each.",
)
NO_RULE = _of_git(
    "no-rule",
    "A rule in `.sops.yaml` covers every encrypted file.",
    "When the file is edited, sops would not know for whom to encrypt it.",
)
RULE_ENCRYPTS_METADATA = _of_git(
    "rule-encrypts-metadata",
    "A rule in `.sops.yaml` for objects leaves their kind and metadata readable.",
    "kustomize builds a path before Flux decrypts it, and needs them.",
)
RULE_LEAVES_PLAIN = _of_git(
    "rule-leaves-plain",
    "A rule in `.sops.yaml` for Secrets encrypts everything in `data` and in `stringData`.",
    "A value that the rule does not cover would be pushed in plain text.",
)
RULE_LACKS_NEWEST_KEY = _of_git(
    "rule-lacks-newest-key",
    "A rule in `.sops.yaml` for the cluster's files encrypts for the newest age key.",
    "Every new file would still need the old key, which then cannot be removed.",
)
OWNED_BY_STACK = _of_git(
    "owned-by-stack",
    "Git has no object that the stack also creates.",
    "Each owner would undo the other's changes, and pruning would delete the object.",
)
SUBSTITUTES_ITS_OWN = _of_git(
    "substitutes-its-own",
    "A Kustomization does not substitute from an object that only itself applies.",
    "It would wait for that object before it applies anything, and so never start.",
)
SUBSTITUTES_FROM_NOWHERE = _of_git(
    "substitutes-from-nowhere",
    "A Kustomization substitutes only from objects in its own namespace.",
    "kustomize-controller reads the ConfigMap or Secret from the Kustomization's namespace, and fails if it is not there.",
)
UNDEFINED_VARIABLE = _of_git(
    "undefined-variable",
    "Every `${VARIABLE}` of an object has a value or a default.",
    "From Flux 2.9 on, one without fails the whole Kustomization (StrictPostBuildSubstitutions); before, it becomes empty text.",
)
NOT_SUBSTITUTED = _of_git(
    "not-substituted",
    "A Kustomization whose objects use variables of the cluster has `postBuild`.",
    "A child does not inherit it: without any variable, Flux applies `${VARIABLE}` as it is.",
)
WAITS_FOR_ITS_OWN = _of_git(
    "waits-for-its-own",
    "No Kustomization depends on one that waits for it by `wait` or `healthChecks`.",
    "Each waits until the other is ready: Flux never applies what depends on them.",
)
APPLIED_TWICE = _of_git(
    "applied-twice",
    "No two Kustomizations apply one object, and none applies its own path.",
    "Each would undo the other's changes, and prune what the other applies (https://fluxcd.io/flux/faq).",
)
SCHEMA = _of_git(
    "schema",
    "Every Flux object fits the CRDs that the stack installs.",
    "The API server refuses a field, a value or an apiVersion that they do not have, and with it all of the Kustomization.",
)
NAMESPACE_FROM_NOWHERE = _of_git(
    "namespace-from-nowhere",
    "The namespace of an object exists.",
    "The API server refuses an object in a namespace that does not exist.",
)
KIND_COMES_LATER = _of_git(
    "kind-comes-later",
    "No Kustomization applies an object of a kind that only a chart in the same Kustomization brings.",
    "Flux checks all objects against the API server before it applies the first of them.",
)
MISSING_PATH = _of_git(
    "missing-path",
    "Every path and file that a Kustomization or a `kustomization.yaml` names exists.",
    "kustomize-controller could not build the path.",
)
NOT_YAML = _of_git(
    "not-yaml",
    "Every file that Flux builds is YAML, and holds Kubernetes objects.",
    "kustomize-controller could not build the path.",
)
ACKNOWLEDGES_NOTHING = _of_git(
    "acknowledges-nothing",
    "Every entry of `gitops:acknowledge` fits a finding.",
    "One that is left behind would hide the next finding of that name.",
)
NOT_BUILT = _of_git(
    "not-built",
    "kustomize can build every path that a Kustomization applies.",
    "kustomize-controller builds a path as a whole: one error, and nothing of it is applied.",
)
ENCRYPTED_PATCH = _of_git(
    "encrypted-patch",
    "An encrypted patch changes only objects that are not encrypted.",
    "Flux decrypts patches before it builds and objects afterwards: it cannot decrypt an object with values that are decrypted already.",
)
DECRYPTED_OTHERWISE = _of_git(
    "decrypted-otherwise",
    "Flux decrypts each file and object in the way in which sops encrypted it.",
    "Flux goes by the name of a key, and reads objects without their comments.",
)
NO_NAMESPACE = _of_git(
    "no-namespace",
    "Every object of a kind with namespaces has one.",
    "Flux uses no default namespace: kustomize-controller refuses the object, and applies nothing of the Kustomization.",
)
NOT_CHECKED = _of_git(
    "not-checked",
    "Every repository and path that the cluster syncs can be read.",
    "What could not be read was not checked.",
)


def check_requirements() -> list[Requirement]:
    """All of them, in the order in which a reference page should list them."""
    return requirements_in(sys.modules[__name__], Requirement)
