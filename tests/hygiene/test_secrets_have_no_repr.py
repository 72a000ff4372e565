"""What holds a secret shows none in `repr`: a traceback, a failed assertion and a debugger print it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

import pytest

from components.age_keys import AgeKey, AgeKeysArgs
from components.source_credential import SourceCredentialArgs
from devcluster.control_plane.kube_client import Credentials
from devcluster.controllers.supervised_process import Wanted
from devcluster.providers.kubernetes.provider_settings import ProviderSettings
from devcluster.providers.property_values import Secret
from flux.known_secrets import KnownSecrets
from flux.release.docker_login import RegistryLogin
from flux.schema.mismatch import Mismatch
from gitops.check.fetch.clone import Source
from gitops.check.fetch.git_login import Access
from gitops.check.repository.documents import YamlDocument
from gitops.forges.gitea import Gitea
from gitops.forges.github import GitHub
from live.access.kubeconfig import Kubeconfig, ResolvedContext, User
from live.access.kubeconfig_parser import parse
from live.access.target import Target
from stacks.contract.credentials.plain_git import ClientCertificateLogin, HttpHeaderLogin, SshKeyLogin
from stacks.inputs.pinned_cluster import PinnedCluster
from tests.hygiene.source_code import modules, tree, walked

ROOMS = ("bench", "components", "devcluster", "flux", "gitops", "live", "stacks")
MARKER = "hunter2" + "-marker"
SECRET = re.compile(r"(^|_)(secrets?|tokens?|passwords?|passphrases?|identity|identities|private_keys?|authorization|kubeconfig)$")
NO_SECRETS = {
    ("flux/rules/plan.py", "PlannedObjects", "secrets"): "the names of Secrets and of their entries",
    ("flux/release/install_options.py", "InstallOptions", "image_pull_secret"): "the name of a Secret",
    ("stacks/contract/flux_release.py", "Flux", "image_pull_secret"): "the name of a Secret",
    ("stacks/contract/stack.py", "Cluster", "kubeconfig"): "where the kubeconfig comes from",
    ("gitops/new/answering.py", "Given", "kubeconfig"): "a file's name",
    ("flux/signature/policy.py", "SignaturePolicy", "identities"): "who may sign",
    ("gitops/adopt/credential_types.py", "FoundCredential", "secrets"): "FoundSecrets, which show no value",
    ("gitops/adopt/description.py", "Description", "secrets"): "FoundSecrets, which show no value",
    ("gitops/adopt/ending.py", "Clone", "missing_secrets"): "commands without values",
    ("live/flux_objects/running_flux.py", "RunningFlux", "secrets"): "LiveSecrets, which show no value",
    ("stacks/contract/flux_verification.py", "Verification", "match_oidc_identity"): "who may sign",
}
"""Fields that are called as a secret is, and hold none → what they hold."""
KUBECONFIG = f"""
current-context: a
contexts: [{{name: a, context: {{cluster: a, user: a}}}}]
clusters: [{{name: a, cluster: {{server: "https://192.0.2.1:6443"}}}}]
users: [{{name: a, user: {{token: {MARKER}, password: {MARKER}, client-key-data: {MARKER.replace("-", "")}}}}}]
"""


def reached() -> ResolvedContext:
    return kubeconfig().reached("a")


def kubeconfig() -> Kubeconfig:
    return parse(KUBECONFIG.replace(MARKER.replace("-", ""), "aHVudGVyMi1tYXJrZXI="), shown="config")


def access() -> Access:
    every: dict[str, Any] = {name: {"a": MARKER} for name in ("environment", "settings", "files")}
    return Access(**every, secrets=(MARKER,))


HOLDERS: dict[str, Callable[[], object]] = {
    "a login by key": lambda: SshKeyLogin(private_key=MARKER, passphrase=MARKER),
    "a login by header": lambda: HttpHeaderLogin(authorization=MARKER, secrets=(MARKER,)),
    "a login by certificate": lambda: ClientCertificateLogin(certificate="a", private_key=MARKER),
    "git's access": access,
    "a source": lambda: Source(name="a", url="https://a", spec={}, access=access()),
    "Docker's login": lambda: RegistryLogin(username="a", password=MARKER, identity_token=MARKER),
    "a user of a kubeconfig": lambda: User(name="a", fields={"token": MARKER}),
    "a kubeconfig": kubeconfig,
    "a context": reached,
    "a target": lambda: Target("config", reached()),
    "a pinned cluster": lambda: PinnedCluster(shown="config", reached=reached(), kubeconfig=MARKER),
    "Gitea": lambda: Gitea("https://git.example.org", MARKER),
    "GitHub": lambda: GitHub("https://github.com", {"GH_TOKEN": MARKER}, given_by="a test"),
    "the secrets of a run": lambda: KnownSecrets(MARKER),
    "an age key": lambda: AgeKey(name="a", identity=MARKER),
    "age keys": lambda: AgeKeysArgs(keys=[AgeKey(name="a", identity=MARKER)], key_services={"a": MARKER}),
    "a source's credential": lambda: SourceCredentialArgs(secret_name="a", values={"password": MARKER}),
    "a document of a repository": lambda: YamlDocument({"kind": "Secret", "stringData": {"a": MARKER}}, 1),
    "a wrong value": lambda: Mismatch(path=("a",), keyword="type", value=MARKER),
    "an administrator": lambda: Credentials(server="a", authority=b"", certificate=b"", key=MARKER.encode()),
    "a process": lambda: Wanted(command=("a",), environment={"A": MARKER}, grace=1.0, prepare=lambda: None),
    "a provider's settings": lambda: ProviderSettings(kubeconfig=MARKER),
    "a secret property": lambda: Secret(MARKER),
}


@pytest.mark.parametrize("make", HOLDERS.values(), ids=HOLDERS)
def test_what_holds_a_secret_shows_none(make: Callable[[], object]) -> None:
    holder = make()
    close = getattr(holder, "close", lambda: None)

    try:
        assert MARKER not in repr(holder)
        assert MARKER not in str(holder)
    finally:
        close()


def test_every_field_called_as_a_secret_is_left_out_of_repr() -> None:
    told = [field for field in secret_fields() if field not in NO_SECRETS and not is_left_out(*field)]

    assert not told, "write field(repr=False), or say in NO_SECRETS what it holds"


def test_every_exception_of_this_list_is_still_there() -> None:
    assert set(NO_SECRETS) <= set(secret_fields())


def test_the_search_finds_fields_that_are_known_to_hold_secrets() -> None:
    assert {
        ("gitops/check/fetch/git_login.py", "Access", "secrets"),
        ("stacks/settings.py", "Settings", "kubeconfig"),
        ("flux/release/docker_login.py", "RegistryLogin", "password"),
        ("components/age_keys.py", "AgeKey", "identity"),
    } <= set(secret_fields())


def is_left_out(file: str, name: str, field: str) -> bool:
    """Built with a marker there and nothing elsewhere, as not every class can be made here otherwise."""
    kind = getattr(import_module(file.removesuffix(".py").replace("/", ".")), name)
    if not isinstance(kind, type) or not is_dataclass(kind):
        return False
    holder = object.__new__(kind)
    for each in fields(kind):
        object.__setattr__(holder, each.name, MARKER if each.name == field else None)
    return MARKER not in repr(holder)


def secret_fields() -> Iterator[tuple[str, str, str]]:
    """File, class and field of each field of a dataclass, tuple or model that is called as a secret is."""
    for file in modules(*ROOMS):
        for node in walked(tree(file)):
            if isinstance(node, ast.ClassDef) and has_a_repr_of_its_fields(node):
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and is_called_as_one(line):
                        yield file, node.name, line.target.id


def is_called_as_one(line: ast.AnnAssign) -> bool:
    return bool(SECRET.search(ast.unparse(line.target))) and ast.unparse(line.annotation) not in ("bool", "Path")


def has_a_repr_of_its_fields(node: ast.ClassDef) -> bool:
    written = any(isinstance(each, ast.FunctionDef) and each.name == "__repr__" for each in node.body)
    return not written and (
        any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
        or any(ast.unparse(base) in ("NamedTuple", "Strict", "BaseModel", "CredentialModel") for base in node.bases)
    )
