"""What is known of a stack, to follow what its cluster syncs: facts without a secret, and how to fetch its repositories."""

from dataclasses import replace
from pathlib import Path

from flux.object_reference import FLUX_NAMESPACE
from flux.schema import Schemas
from gitops.check.fetch.clone import Source
from gitops.check.fetch.declared_sources import AccessOf
from gitops.check.fetch.git_login import Access, Instead, ReadSecret, access_for, registry_access, secret_reader
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.judging import StackFacts
from gitops.check.findings.ownership import OwnObject, own_object
from gitops.check.follow.declared_source import FOLLOWED_KINDS, source_key
from gitops.check.follow.synced import Synced
from gitops.check.repository.included import includes_of
from gitops.pulumi_cli import StackName
from stacks.contract.stack import secret_environment_variable
from stacks.judging.check_objects import planned_objects
from stacks.made_objects import made_objects
from stacks.offline import secret_keys_in_file
from stacks.secrets.entries import secret_entries
from stacks.settings import Settings


def facts_of(settings: Settings, keys: ClusterKeys) -> StackFacts:
    """What the judgement needs to know of a stack."""
    sources = settings.chosen.of_kind("GitRepository")
    artifacts = (source_key("OCIRepository", FLUX_NAMESPACE, name) for name in settings.chosen.of_kind("OCIRepository"))
    return StackFacts(
        kustomizations=[
            Synced(namespace=FLUX_NAMESPACE, name=each.name, spec=each.spec) for each in settings.chosen.of_kind("Kustomization").values()
        ],
        sources=frozenset((*sources, *artifacts)),
        includes={name: includes_of(each.spec) for name, each in sources.items()},
        own=_own(settings),
        variables=settings.stack.variables,
        keys=keys,
        planned=planned_objects(settings.chosen, settings.stack, settings.installation, secret_entries(settings.credentials)),
        schemas=Schemas.of(settings.installation.objects.definitions),
    )


def sources_of(settings: Settings, access: AccessOf) -> dict[str, Source]:
    """The repositories and artifacts as the cluster fetches them, overrides included."""
    found: dict[str, Source] = {}
    for kind in FOLLOWED_KINDS:
        for name, body in settings.chosen.of_kind(kind).items():
            secret, url, key = body.named_secret("secretRef") or "", body.url or "", source_key(kind, FLUX_NAMESPACE, name)
            found[key] = Source(kind=kind, name=key, url=url, spec=body.spec, access=access(url, secret))
    return found


def access_of(settings: Settings, stack: StackName, folder: Path) -> AccessOf:
    """How to fetch a URL with a Secret that the stack makes."""
    return _access(settings, secret_reader(stack.asked, secret_keys_in_file(stack.short), secret_environment_variable, folder))


def sources_without_secrets(settings: Settings) -> dict[str, Source]:
    """The same as this person's own git fetches them: for files whose author must not decide where a secret goes."""
    access = _access(settings, lambda _: None)

    def withheld(url: str, secret: str) -> Access:
        found = access(url, secret)
        return found if found.instead is Instead.OF_NONE else replace(found, instead=Instead.WITHHELD)

    return sources_of(settings, withheld)


def _access(settings: Settings, read: ReadSecret) -> AccessOf:
    def access(url: str, secret: str) -> Access:
        made, credential = settings.credentials.get(secret), settings.stack.credentials.get(secret)
        if url.startswith("oci://"):
            return registry_access(url, credential, lambda field: read(f"{secret}-{field}"))
        return access_for(url, secret, credential, made.values if made else {}, read)

    return access


def _own(settings: Settings) -> frozenset[OwnObject]:
    """Everything that the stack registers in the cluster."""
    return frozenset(own_object(each.body) for each in made_objects(settings))
