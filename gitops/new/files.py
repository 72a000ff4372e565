"""The two files of a new cluster, as short as they can be: 12 lines each, two comments, and what a key or a credential adds."""

from dataclasses import dataclass

from gitops.new.answers import Answers
from gitops.new.existing_catalog import DEFAULT_GROUP, Known
from gitops.new.free_names import Names
from gitops.new.questions import INTERVAL
from gitops.new.yaml_text import after_a_key, block, scalar
from stacks.contract.names import CATALOG

YOURS = f"{CATALOG}, the Pulumi.<stack>.yaml files and every file that you add are yours; updates change everything else."


@dataclass(frozen=True, kw_only=True)
class FilePlan:
    """What is to be written: the answers, and what the existing catalog has of them."""

    answers: Answers
    known: Known | None
    """The repository in a catalog that stays; None where the entries are new."""
    names: Names | None = None
    """Of new entries in a catalog that stays, where the group is the stack's own, so that nothing else of it comes along."""

    @property
    def group(self) -> str:
        """Of new entries."""
        return self.names.group if self.names else DEFAULT_GROUP

    @property
    def credential(self) -> str | None:
        """The name under which the catalog's entry looks for the credential."""
        return (self.known.credential if self.known else None) or self.answers.credential

    @property
    def secret_keys(self) -> dict[str, str]:
        """The secrets that the stack will ask for: key of the stack file → what it is."""
        answers, keys = self.answers, {}
        if answers.age_key != "none" and not answers.generates_age_key:
            keys[f"gitops:age-{answers.key_name}"] = "the age key"
        if answers.login == "token":
            keys[f"gitops:{self.credential}-password"] = "the access token"
        if answers.login == "ssh-key":
            keys[f"gitops:{self.credential}-identity"] = "the private SSH key"
        return keys


def stack_text(plan: FilePlan) -> str:
    """`Pulumi.<stack>.yaml`. It has no salt: `pulumi stack init` writes it for the owner of the passphrase."""
    answers = plan.answers
    todo = f" # TODO: append the digest that `gitops digest {answers.manifests.text}` prints" if answers.manifests.todo else ""
    lines = [
        "# yaml-language-server: $schema=schema/stack.schema.json",
        f"# Cluster {answers.stack}. What each key means: docs/reference.md",
        "config:",
        "  pulumi:disable-default-providers: [kubernetes]",
        f"  gitops:environment: {answers.environment}",
        "  gitops:cluster:",
        f"    name: {scalar(answers.stack)}",
        f"    context: {scalar(answers.cluster.context)}",
        f"    server: {scalar(answers.cluster.server)}",
        *([f"    caSha256: {scalar(answers.cluster.ca_sha256)}"] if answers.cluster.ca_sha256 else []),
        "  gitops:flux:",
        f"    manifests: {scalar(answers.manifests.text)}{todo}",
        *_age(answers),
        *_credentials(plan),
        f"  gitops:use: [{', '.join(map(scalar, plan.known.groups if plan.known else (plan.group,)))}]",
        *_override(plan),
        "  gitops:onDestroy: keepWorkloads",
    ]
    return "\n".join(lines) + "\n"


def catalog_text(plan: FilePlan) -> str:
    """A catalog with one repository and one Kustomization."""
    answers = plan.answers
    entries = _entries(plan)
    lines = [
        "# yaml-language-server: $schema=schema/catalog.schema.json",
        "# Sources and Kustomizations, once for all clusters. A stack gets those whose group it uses; without `groups` it is base.",
        "hosts:",
        *entries["hosts"],
        "defaults: # for every object of the kind; an entry's own spec takes precedence",
        f"  GitRepository: {{interval: {INTERVAL}, ref: {{branch: {scalar(answers.branch)}}}}}",
        "  HelmRepository: {interval: 1h}",
        "  OCIRepository: {interval: 1h}",
        "  Kustomization: {interval: 1h, retryInterval: 2m, timeout: 5m, prune: true}",
        "git: # name of the GitRepository: host/repository",
        *entries["git"],
        "kustomizations:",
        *entries["kustomizations"],
    ]
    return "\n".join(lines) + "\n"


def entries_text(plan: FilePlan) -> str:
    """What is to be added to a catalog that stays, section by section."""
    return "\n".join(line for section, lines in _entries(plan, alone=True).items() for line in (f"{section}:", *lines)) + "\n"


def _entries(plan: FilePlan, *, alone: bool = False) -> dict[str, list[str]]:
    """The lines of each section. `alone`: for a catalog without the defaults of a new one."""
    answers, repository = plan.answers, plan.answers.repository
    # In a catalog that stays, a host of the same name may be another server.
    name = plan.names.entry if plan.names else repository.object_name
    host = plan.names.host if plan.names else repository.host_name
    groups = [f"groups: [{scalar(plan.group)}]"] if plan.names else []
    credential = [f"credential: {plan.credential}"] if plan.credential else []
    own = [f"spec: {{interval: {INTERVAL}, ref: {{branch: {scalar(answers.branch)}}}}}"] if alone else []
    decryption = ", decryption: {provider: sops}" if answers.age_key != "none" else ""
    kept = "interval: 1h, prune: true, " if alone else ""
    spec = f"{kept}sourceRef: {{kind: GitRepository, name: {name}}}, path: {scalar(answers.path)}{decryption}"
    return {
        "hosts": _host(answers, host),
        "git": [f"  {name}: {{{', '.join([f'from: {host}/{scalar(repository.repository)}', *credential, *groups, *own])}}}"],
        "kustomizations": [f"  {name}:", *(f"    {line}" for line in groups), f"    spec: {{{spec}}}"],
    }


def _host(answers: Answers, name: str) -> list[str]:
    repository = answers.repository
    if not (repository.uses_ssh or answers.authority):
        return [f"  {name}: {{url: {scalar(repository.base)}}}"]
    lines = [f"  {name}:", f"    url: {scalar(repository.base)}"]
    if answers.authority:
        lines += ["    ca: |", block(answers.authority, 6)]
    if repository.uses_ssh and answers.known_hosts is None:
        lines.append("    # TODO: knownHosts, which a preview asks for, and says how")
    elif answers.known_hosts is not None:
        several = "\n" in answers.known_hosts
        lines += (
            ["    knownHosts: |", block(answers.known_hosts, 6)] if several else [f"    knownHosts: {after_a_key(answers.known_hosts)}"]
        )
    return lines


def _age(answers: Answers) -> list[str]:
    if answers.age_key == "none":
        return []
    origin = "generated" if answers.generates_age_key else "supplied"
    return [f'  gitops:age: {{keys: {{"{answers.key_name}": {origin}}}}}']


def _credentials(plan: FilePlan) -> list[str]:
    answers = plan.answers
    described = {
        "public": None,
        "token": f"{{type: basic, username: {scalar(answers.username)}}}",
        "deploy-key": f'{{type: ssh, generated: ["{answers.key_name}"], active: "{answers.key_name}"}}',
        "ssh-key": "{type: ssh}",
    }[answers.login]
    return ["  gitops:credentials:", f"    {plan.credential}: {described}"] if described else []


def _override(plan: FilePlan) -> list[str]:
    if plan.known is None or plan.known.same_path:
        return []
    return ["  gitops:override:", f"    kustomizations/{plan.known.kustomization}: {{spec: {{path: {scalar(plan.answers.path)}}}}}"]
