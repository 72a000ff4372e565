"""What is known of a stack, for whoever follows what its cluster syncs: facts without a secret, and how to fetch its repositories."""

from pathlib import Path

from flux.object_reference import FLUX_NAMESPACE
from flux.schema import Schemas
from gitops.check.fetch.clone import Source
from gitops.check.fetch.git_login import ReadSecret, access_for, secret_reader
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.judging import StackFacts
from gitops.check.findings.ownership import OwnObject, own_object
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
    return StackFacts(
        kustomizations=[
            Synced(namespace=FLUX_NAMESPACE, name=each.name, spec=each.spec) for each in settings.chosen.of_kind("Kustomization").values()
        ],
        sources=frozenset(sources),
        includes={name: includes_of(each.spec) for name, each in sources.items()},
        own=_own(settings),
        variables=settings.stack.variables,
        keys=keys,
        planned=planned_objects(settings.chosen, settings.stack, settings.installation, secret_entries(settings.credentials)),
        schemas=Schemas.of(settings.installation.objects.definitions),
    )


def sources_of(settings: Settings, stack: StackName, folder: Path) -> dict[str, Source]:
    """The repositories as the cluster fetches them, overrides included."""
    return _sources(settings, secret_reader(stack.asked, secret_keys_in_file(stack.short), secret_environment_variable, folder))


def sources_without_secrets(settings: Settings) -> dict[str, Source]:
    """The same as this person's own git fetches them: for files whose author must not decide where a secret goes."""
    return _sources(settings, lambda _: None)


def _sources(settings: Settings, read: ReadSecret) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for name, body in settings.chosen.of_kind("GitRepository").items():
        secret, url = body.named_secret("secretRef") or "", body.url or ""
        made = settings.credentials.get(secret)
        access = access_for(url, secret, settings.stack.credentials.get(secret), made.values if made else {}, read)
        found[name] = Source(name=name, url=url, spec=body.spec, access=access)
    return found


def _own(settings: Settings) -> frozenset[OwnObject]:
    """Everything that the stack registers in the cluster."""
    return frozenset(own_object(each.body) for each in made_objects(settings))
