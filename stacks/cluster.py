"""A cluster, made of components: what is built, with which provider, and what waits for what."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

import pulumi
import pulumi_kubernetes

from components.age_keys import AgeKeys
from components.flux_definitions import FluxDefinitions, FluxDefinitionsArgs
from components.flux_install import FluxInstall
from components.flux_section import FluxSection, FluxSectionArgs
from components.kubernetes_object import KubernetesObject, type_token
from components.source_credential import SourceCredential
from components.stack_variables import StackVariables
from flux.bodies import SOPS_AGE_SECRET, STACK_VARIABLES_CONFIG_MAP
from flux.keys.sops_creation_rules import sops_config
from flux.object_reference import FLUX_NAMESPACE, ObjectReference, reference_of
from flux.sharding import reconciler_of
from stacks.choosing.planned_body import PlannedBody
from stacks.contract.outputs import Outputs, SourceKind
from stacks.made_objects import age_keys_args, install_args, variables_args
from stacks.rollout import watch_rollout
from stacks.secrets.deploy_keys_output import deploy_keys
from stacks.settings import Settings

SOURCE_CONTROLLER = "source-controller"
SOURCE_GROUP = "source.toolkit.fluxcd.io"
SOURCE_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)


def build_cluster(settings: Settings) -> Outputs[pulumi.Input[str]]:
    """Register every resource of the cluster; returns the stack's outputs."""
    return _Cluster(settings).build()


class _Cluster:
    """The cluster under construction: `build` reads as its table of contents."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.referred: dict[tuple[str, str], KubernetesObject] = {}
        """Secrets, ConfigMaps and sources by kind and name, for those that refer to them."""
        self.sections: dict[str, FluxSection] = {}
        """Kind → the component of its objects."""
        self.public_keys: dict[str, dict[str, pulumi.Output[str]]] = {}
        """Credential → public halves of the SSH keys that are generated for it."""

    def build(self) -> Outputs[pulumi.Input[str]]:
        settings = self.settings
        self.provider = self._provider()
        self.definitions = FluxDefinitions(
            "flux-definitions",
            FluxDefinitionsArgs(
                objects=settings.installation.objects.definitions,
                retain=settings.stack.on_destroy == "keepWorkloads",
                cluster_uid=settings.cluster_uid,
            ),
            self._options([]),
        )
        # Before the controllers, which fill Pulumi's queue until they are available: what waits in it last is what Kustomizations wait for.
        age_keys = self._secrets_and_variables()
        self.install = FluxInstall(
            "flux",
            install_args(settings),
            self._options([self.definitions.namespace, self.definitions]),
        )
        registered = [self.definitions.namespace, *self.definitions.definitions.values(), *self.referred.values()]
        registered += [*self.install.around, *self.install.deployments.values()]
        watch_rollout(settings, self.install.deployments, settings.former_release)
        for body in sources_first(settings.chosen.bodies):
            made = self._section(body.kind).add(body.body, self._needs(body), [self._former_urn(body)])
            registered.append(made)
            if _is_source(body):
                self.referred[body.kind, body.name] = made
        if settings.finish:
            _when_applied(registered, settings.finish)
        return {
            "fluxVersion": settings.installation.distribution.version,
            "sources": {kind: _urls(settings.chosen.of_kind(kind).values()) for kind in SOURCE_KINDS},
            "ageRecipients": {**age_keys.recipient_of_key} if age_keys else {},
            "sopsConfig": self._sops_config(age_keys),
            "deployKeys": deploy_keys(settings.stack, settings.chosen, self.public_keys),
        }

    def _provider(self) -> pulumi_kubernetes.Provider:
        cluster = self.settings.stack.cluster
        return pulumi_kubernetes.Provider(
            "kubernetes",
            kubeconfig=self.settings.kubeconfig,
            context=cluster.context,
            # Without it, another kubeconfig for the same cluster would replace the provider and every object (pulumi-kubernetes#4019).
            cluster_identifier=cluster.name,
            # Otherwise a rotated key would delete the Secret before creating it again.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
            # The default of 50 a second makes 400 sources take half as long again.
            kube_client_settings=pulumi_kubernetes.KubeClientSettingsArgs(qps=1000, burst=2000),
            # What exists is taken over: the guard has looked whose it is. So an interrupted `up`, or a lost state, needs `up` alone.
            upsert_existing_objects=True,
            enable_patch_force=True,
        )

    def _options(self, depends_on: Iterable[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            providers=[self.provider],
            depends_on=list(depends_on),
            transformations=[*_retaining(self.settings.retained), *_restoring(self.settings)],
        )

    def _secrets_and_variables(self) -> AgeKeys | None:
        settings = self.settings
        in_namespace = self._options([self.definitions.namespace])
        for name, credential in settings.credentials.items():
            made = SourceCredential(name, credential, in_namespace)
            self.referred["Secret", credential.secret_name] = made.resource
            self.public_keys[name] = made.public_key_of
        if (variables_made := variables_args(settings)) is not None:
            variables = StackVariables("stack-variables", variables_made, in_namespace)
            self.referred["ConfigMap", STACK_VARIABLES_CONFIG_MAP] = variables.resource
        keys = age_keys_args(settings)
        if keys is None:
            return None
        age_keys = AgeKeys("age-keys", keys, in_namespace)
        self.referred["Secret", SOPS_AGE_SECRET] = age_keys.resource
        return age_keys

    def _sops_config(self, age_keys: AgeKeys | None) -> pulumi.Input[str]:
        """Known as soon as the newest key's recipient is."""
        people = self.settings.stack.age.recipients
        if age_keys is None or age_keys.newest is None:
            return ""
        return age_keys.recipient_of_key[age_keys.newest].apply(lambda newest: sops_config([newest, *people]))

    def _section(self, kind: str) -> FluxSection:
        if kind not in self.sections:
            self.sections[kind] = FluxSection(kind.lower(), FluxSectionArgs(kind=kind), self._options([]))
        return self.sections[kind]

    def _former_urn(self, body: PlannedBody) -> str:
        """Where an older state has an object: without it, `up` would delete and recreate the object."""
        token = type_token(body.body["apiVersion"], body.kind)
        return body.formerly.urn(self.settings.project_name, self.settings.stack_name, token)

    def _needs(self, body: PlannedBody) -> list[pulumi.Resource]:
        """What exists before it, and on destroy still after it."""
        return list(
            dict.fromkeys(
                [
                    *([self.definitions.definitions[body.kind]] if body.kind in self.definitions.definitions else []),
                    *self._controllers(body),
                    *(self.referred[each] for each in references_in(body.spec) if each in self.referred),
                    *self._age_keys(body),
                ]
            )
        )

    def _controllers(self, body: PlannedBody) -> list[pulumi.Resource]:
        """All of them for what applies something: on destroy, the finalizers of what it applied need them."""
        deployments = self.install.deployments
        if body.group == SOURCE_GROUP:
            own = reconciler_of(body.kind, body.body["metadata"].get("labels"))
            name = own if own in deployments else SOURCE_CONTROLLER
            return [deployments[name]] if name in deployments else []
        return [*deployments.values()]

    def _age_keys(self, body: PlannedBody) -> list[pulumi.Resource]:
        age_keys = self.referred.get(("Secret", SOPS_AGE_SECRET))
        return [age_keys] if age_keys is not None and body.spec.get("decryption") else []


def _retaining(retained: frozenset[ObjectReference]) -> list[pulumi.ResourceTransformation]:
    """Whatever component makes it: an object that was taken over stays in the cluster on destroy."""

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not isinstance(args.resource, KubernetesObject) or reference_of(args.props) not in retained:
            return None
        stays = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(retain_on_delete=True))
        return pulumi.ResourceTransformationResult(args.props, stays)

    return [transform] if retained else []


def _restoring(settings: Settings) -> list[pulumi.ResourceTransformation]:
    """A Secret that the engine takes for unchanged is set back beside it, once its values are known."""

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if isinstance(args.resource, KubernetesObject) and (put := settings.restored.get(reference_of(args.props))):
            pulumi.Output.from_input(dict(args.props)).apply(put)
        return None

    return [transform] if settings.restored else []


def _when_applied(objects: Iterable[KubernetesObject], finish: Callable[[], None]) -> None:
    """As Pulumi deletes: after everything else, and not if something failed or was left out.

    What `--target` does not create has no id, and what failed under `--continue-on-error` no known fields. Nothing is called then.
    """
    pulumi.Output.all(*[known for each in objects for known in (each.id, each.metadata)]).apply(lambda _: finish())


def sources_first(bodies: Iterable[PlannedBody]) -> list[PlannedBody]:
    """The bodies in an order in which each source precedes what refers to it, otherwise unchanged."""
    every = list(bodies)
    waiting = [each for each in every if _is_source(each)]
    ordered: list[PlannedBody] = []
    while waiting:
        names = {(each.kind, each.name) for each in waiting}
        ready: list[PlannedBody] = []
        blocked: list[PlannedBody] = []
        for each in waiting:
            (blocked if names & set(references_in(each.spec)) else ready).append(each)
        # Of sources that refer to one another in a circle, none can be the first: they are taken as they come.
        ordered += ready or blocked
        waiting = blocked if ready else []
    return [*ordered, *(each for each in every if not _is_source(each))]


def references_in(value: Any) -> Iterator[tuple[str, str]]:
    """Kind and name of what a spec refers to in Flux's own namespace, wherever in it."""
    if isinstance(value, list):
        for item in value:
            yield from references_in(item)
    if not isinstance(value, dict):
        return
    kind, name = value.get("kind"), value.get("name")
    if isinstance(kind, str) and isinstance(name, str) and value.get("namespace", FLUX_NAMESPACE) == FLUX_NAMESPACE:
        yield kind, name
    for key, item in value.items():
        if key.endswith(("secretRef", "SecretRef")) and isinstance(item, dict) and isinstance(item.get("name"), str):
            yield "Secret", item["name"]
        yield from references_in(item)


def _urls(sources: Iterable[PlannedBody]) -> dict[str, str]:
    return {each.name: each.url for each in sources if each.url}


def _is_source(body: PlannedBody) -> bool:
    return body.group.startswith("source.")
