"""A cluster, made of components: what is built, with which provider, and what waits for what."""

from collections.abc import Iterable
from typing import Any, Optional

import pulumi
import pulumi_kubernetes

from components.age_keys import AgeKeys, AgeKeysArgs
from components.flux_definitions import FluxDefinitions, FluxDefinitionsArgs
from components.flux_install import FluxInstall, FluxInstallArgs
from components.flux_kustomization import FluxKustomization, FluxKustomizationArgs
from components.flux_object import FluxObject
from components.git_source import GitSource
from components.helm_source import HelmSource
from components.oci_source import OciSource
from components.source_credential import SourceCredential
from components.stack_variables import StackVariables, StackVariablesArgs
from flux.keys.sops_creation_rules import sops_config
from flux.objects import SOPS_AGE_SECRET, STACK_VARIABLES_CONFIG_MAP
from stacks.contract.outputs import Outputs, SourceKind
from stacks.secrets.deploy_keys_output import deploy_keys
from stacks.settings import Settings

SOURCE_CONTROLLER = "source-controller"


def build_cluster(settings: Settings) -> Outputs[pulumi.Input[str]]:
    """Register every resource of the cluster; returns the stack's outputs."""
    return _Cluster(settings).build()


class _Cluster:
    """The cluster under construction: `build` reads as its table of contents."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.referred: dict[tuple[str, str], pulumi.Resource] = {}
        """Secrets, ConfigMaps and sources by kind and name, for those that refer to them."""
        self.public_keys: dict[str, dict[str, pulumi.Output[str]]] = {}
        """Credential → public halves of the SSH keys that are generated for it."""
        self.source_urls: dict[SourceKind, dict[str, str]] = {"GitRepository": {}, "HelmRepository": {}, "OCIRepository": {}}
        """Kind → name → URL, as an override of `spec` leaves it."""

    def build(self) -> Outputs[pulumi.Input[str]]:
        settings = self.settings
        self.definitions = FluxDefinitions(
            "flux-definitions",
            FluxDefinitionsArgs(objects=settings.installation.objects.definitions, retain=settings.stack.on_destroy == "keepWorkloads"),
            pulumi.ResourceOptions(providers=[self._definitions_provider()]),
        )
        # The engine starts one plugin at a time, and takes what is registered in turn: the CRDs need not stand behind this one.
        # An API server that has just established a kind holds the first requests to create one for 2 s (docs/benchmark.md).
        self.provider = self._provider("kubernetes", pulumi.ResourceOptions(depends_on=[self.definitions.namespace]))
        # Before the controllers, which fill Pulumi's queue until they are available: what waits in it last is what Kustomizations wait for.
        age_keys = self._secrets_and_variables()
        self.install = FluxInstall(
            "flux",
            FluxInstallArgs(objects=settings.installation.objects.controllers),
            self._options([self.definitions.namespace, self.definitions]),
        )
        self._sources()
        for args in settings.chosen.kustomizations.values():
            FluxKustomization(args.object_name, args, self._options(self._kustomization_needs(args)))
        for item in settings.chosen.objects:
            needed = [*self._definition(item.kind), *self.install.deployments.values(), *self._referred_in(item.spec)]
            FluxObject(f"{item.kind.lower()}-{item.object_name}", item, self._options(needed))
        return {
            "fluxVersion": settings.installation.distribution.version,
            "sources": self.source_urls,
            "ageRecipients": {**age_keys.recipient_of_key} if age_keys else {},
            "sopsConfig": self._sops_config(age_keys),
            "deployKeys": deploy_keys(settings.stack, settings.chosen, self.public_keys),
        }

    def _provider(self, name: str, opts: Optional[pulumi.ResourceOptions] = None, **own: Any) -> pulumi_kubernetes.Provider:
        cluster = self.settings.stack.cluster
        return pulumi_kubernetes.Provider(
            name,
            kubeconfig=self.settings.kubeconfig,
            context=cluster.context,
            # Without it, another kubeconfig for the same cluster would replace the provider and every object (pulumi-kubernetes#4019).
            cluster_identifier=cluster.name,
            # Otherwise a rotated key would delete the Secret before making it anew.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
            # The default of 50 a second makes 400 sources take half as long again.
            kube_client_settings=pulumi_kubernetes.KubeClientSettingsArgs(qps=1000, burst=2000),
            opts=opts,
            **own,
        )

    def _definitions_provider(self) -> pulumi_kubernetes.Provider:
        """For the Namespace and the CRDs alone: takes over what an earlier stack, or `flux install`, left in the cluster."""
        return self._provider("kubernetes-definitions", upsert_existing_objects=True, enable_patch_force=True)

    def _options(self, depends_on: Iterable[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(providers=[self.provider], depends_on=list(depends_on))

    def _secrets_and_variables(self) -> AgeKeys | None:
        settings = self.settings
        in_namespace = self._options([self.definitions.namespace])
        for name, credential in settings.credentials.items():
            made = SourceCredential(name, credential, in_namespace)
            self.referred["Secret", credential.secret_name] = made.resource
            self.public_keys[name] = made.public_key_of
        if settings.stack.variables:
            variables = StackVariables("stack-variables", StackVariablesArgs(variables=settings.stack.variables), in_namespace)
            self.referred["ConfigMap", STACK_VARIABLES_CONFIG_MAP] = variables.resource
        if not settings.age_keys and not settings.key_services:
            return None
        age_keys = AgeKeys("age-keys", AgeKeysArgs(keys=settings.age_keys, key_services=settings.key_services or None), in_namespace)
        self.referred["Secret", SOPS_AGE_SECRET] = age_keys.resource
        return age_keys

    def _sops_config(self, age_keys: AgeKeys | None) -> pulumi.Input[str]:
        """Known as soon as the newest key's recipient is."""
        people = self.settings.stack.age.recipients
        if age_keys is None or age_keys.newest is None:
            return ""
        return age_keys.recipient_of_key[age_keys.newest].apply(lambda newest: sops_config([newest, *people]))

    def _sources(self) -> None:
        chosen = self.settings.chosen
        for git in chosen.git.values():
            options = self._source_options("GitRepository", git.body())
            self.referred["GitRepository", git.object_name] = GitSource(git.object_name, git, options).resource
        for helm in chosen.helm.values():
            options = self._source_options("HelmRepository", helm.body())
            self.referred["HelmRepository", helm.object_name] = HelmSource(helm.object_name, helm, options).resource
        for oci in chosen.oci.values():
            options = self._source_options("OCIRepository", oci.body())
            self.referred["OCIRepository", oci.object_name] = OciSource(oci.object_name, oci, options).resource

    def _source_options(self, kind: SourceKind, body: dict[str, Any]) -> pulumi.ResourceOptions:
        """It waits also for every Secret that it names: on destroy, they outlive it. Its URL is an output of the stack."""
        self.source_urls[kind][body["metadata"]["name"]] = body["spec"]["url"]
        controller = self.install.deployments.get(SOURCE_CONTROLLER)
        return self._options([*self._definition(kind), *([controller] if controller else []), *self._referred_in(body["spec"])])

    def _kustomization_needs(self, args: FluxKustomizationArgs) -> list[pulumi.Resource]:
        """All controllers: on destroy, the finalizers of whatever it applied need them."""
        needed = [*self._definition("Kustomization"), *self.install.deployments.values(), *self._referred_in(args.spec)]
        age_secret = self.referred.get(("Secret", SOPS_AGE_SECRET))
        if age_secret is not None and args.spec.get("decryption") and age_secret not in needed:
            needed.append(age_secret)
        return needed

    def _definition(self, kind: str) -> list[pulumi.Resource]:
        definition = self.definitions.definitions.get(kind)
        return [definition] if definition else []

    def _referred_in(self, value: Any) -> list[pulumi.Resource]:
        """What of this stack's own objects a spec refers to, wherever in it."""
        found: list[pulumi.Resource] = []
        if isinstance(value, dict):
            for key, item in value.items():
                kind = "Secret" if key.endswith(("secretRef", "SecretRef")) else item.get("kind") if isinstance(item, dict) else None
                if isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(kind, str):
                    resource = self.referred.get((kind, item["name"]))
                    found += [resource] if resource and resource not in found else []
                found += [resource for resource in self._referred_in(item) if resource not in found]
        elif isinstance(value, list):
            for item in value:
                found += [resource for resource in self._referred_in({"": item}) if resource not in found]
        return found
