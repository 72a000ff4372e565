"""How a running installation differs from its release: the options of a stack with which the two are the same, down to each pod template.

A pod template that differs restarts a controller. So what no option says becomes a patch.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flux.release.distribution import COMPONENTS, DEFAULT_COMPONENTS, Distribution
from flux.release.install import install_objects
from flux.release.install_options import UPSTREAM_REGISTRY, InstallOptions
from flux.release.install_patches import InstallPatch
from flux.sharding import shard_of
from gitops.adopt.installed_difference import Body, applied_body, difference, persons
from gitops.adopt.running_shards import shards_among
from live.flux_objects.running_flux import LiveObject, RunningFlux

_CLUSTER_DOMAIN = re.compile(r"\.svc\.([a-z0-9.-]+?)\.?/")
_LEVELS = ("debug", "info", "error")
_AMOUNTS = ("cpu", "memory", "ephemeral-storage")
_SOPS_FLAG = "sops-age-secret"
_ACCOUNT = ("ServiceAccount", "kustomize-controller")
"""Its annotations are a key of their own in the stack file."""
_SEVERAL = ("feature-gates", "override-manager")


@dataclass(frozen=True, kw_only=True)
class ReleaseOptions:
    """What `gitops:flux` says beside the manifests, and what remains different."""

    options: InstallOptions
    written: dict[str, Any] = field(default_factory=dict)
    """As in the stack file; only what differs from the defaults."""
    account_annotations: dict[str, str] = field(default_factory=dict)
    """Of kustomize-controller's ServiceAccount, by which a cloud recognises it."""
    added: tuple[str, ...] = ()
    """Objects of the release that the cluster does not have, and `pulumi up` makes."""
    in_their_order: tuple[str, ...] = ()
    """Controllers whose arguments differ in their order alone, which a patch keeps."""


def release_options(running: RunningFlux, distribution: Distribution, *, with_age: bool) -> ReleaseOptions:
    """The options by which `distribution` becomes what runs. `with_age`: whether the stack has age keys, which set a flag."""
    live = {(each.kind, each.metadata.name): each for each in running.installed}
    components = [name for name in COMPONENTS if ("Deployment", name) in live]
    shards = shards_among(running.installed)
    options, written = InstallOptions(components=components, shards=shards), dict[str, Any]({"shards": shards} if shards else {})
    if components != list(DEFAULT_COMPONENTS):
        written["components"] = components
    deployments = {name: applied_body(live["Deployment", name]) for name in components}
    for each in (_log_level, _cluster_domain, _registry, _tolerations, _node_selector):
        key, changes, value = each(deployments, _bases(distribution, options))
        if changes:
            options = replace(options, **changes)
            written[key] = value
    if not any(kind == "NetworkPolicy" for kind, _ in live):
        options, written = replace(options, network_policy=False), {**written, "networkPolicy": False}
    if secret := _pull_secret(live.get(("ServiceAccount", components[0])) if components else None):
        options, written = replace(options, image_pull_secret=secret), {**written, "imagePullSecret": secret}
    flags = _flags(deployments, _bases(distribution, options), with_age=with_age)
    written_flags = {name: each for name, each in flags.items() if each}
    if with_age and written_flags.get("kustomize-controller", {}).get(_SOPS_FLAG) == "sops-age":
        del written_flags["kustomize-controller"][_SOPS_FLAG]  # the program's own default
    resources = _resources(deployments, _bases(distribution, options))
    written |= {key: each for key, each in (("flags", {n: f for n, f in written_flags.items() if f}), ("resources", resources)) if each}
    options = replace(options, flags=flags, resources=resources)
    account = _account_annotations(live.get(_ACCOUNT))
    if account:
        options = replace(options, service_account_annotations={"kustomize-controller": account})
    in_their_order = tuple(_in_their_order(deployments, _bases(distribution, options)))
    patches, added = _patches(live, distribution, options)
    if patches:
        options = replace(options, patches=patches)
        written["patches"] = [{**each.target, "patch": each.patch} for each in patches]
    return ReleaseOptions(options=options, written=written, account_annotations=account, added=tuple(added), in_their_order=in_their_order)


def _bases(distribution: Distribution, options: InstallOptions) -> dict[str, Body]:
    return {body["metadata"]["name"]: body for body in install_objects(distribution, options).controllers if body["kind"] == "Deployment"}


FoundOption = tuple[str, dict[str, Any], Any]
_NOTHING: FoundOption = ("", {}, None)


def _log_level(live: Mapping[str, Body], _: Mapping[str, Body]) -> FoundOption:
    levels = {argument.partition("=")[2] for each in live.values() for argument in _arguments(each) if argument.startswith("--log-level=")}
    level = levels.pop() if len(levels) == 1 else "info"
    return ("logLevel", {"log_level": level}, level) if level in _LEVELS and level != "info" else _NOTHING


def _cluster_domain(live: Mapping[str, Body], _: Mapping[str, Body]) -> FoundOption:
    found = {match[1] for each in live.values() for argument in _arguments(each) if (match := _CLUSTER_DOMAIN.search(argument))}
    domain = found.pop() if len(found) == 1 else "cluster.local"
    return ("clusterDomain", {"cluster_domain": domain}, domain) if domain != "cluster.local" else _NOTHING


def _registry(live: Mapping[str, Body], _: Mapping[str, Body]) -> FoundOption:
    found = {str(_container(each).get("image", "")).rpartition("/")[0] for each in live.values()}
    registry = found.pop() if len(found) == 1 else UPSTREAM_REGISTRY
    return ("registry", {"registry": registry}, registry) if registry and registry != UPSTREAM_REGISTRY else _NOTHING


def _tolerations(live: Mapping[str, Body], bases: Mapping[str, Body]) -> FoundOption:
    own = [_pod(each).get("tolerations") or [] for each in live.values()]
    if not own or not own[0] or any(each != own[0] for each in own) or any(_pod(each).get("tolerations") for each in bases.values()):
        return _NOTHING
    return "tolerations", {"tolerations": own[0]}, own[0]


def _node_selector(live: Mapping[str, Body], bases: Mapping[str, Body]) -> FoundOption:
    own = [_pod(each).get("nodeSelector") or {} for each in live.values()]
    base = [_pod(each).get("nodeSelector") or {} for each in bases.values()]
    if not own or any(each != own[0] for each in own) or own[0] == base[0] or not set(base[0]) <= set(own[0]):
        return _NOTHING
    return "nodeSelector", {"node_selector": own[0]}, own[0]


def _pull_secret(account: LiveObject | None) -> str | None:
    found = account.body.get("imagePullSecrets") if account else None
    return str(found[0].get("name")) if isinstance(found, list) and len(found) == 1 and isinstance(found[0], Mapping) else None


def _flags(live: Mapping[str, Body], bases: Mapping[str, Body], *, with_age: bool) -> dict[str, dict[str, Any]]:
    """Controller → the flags by which its arguments become those that run."""
    found: dict[str, dict[str, Any]] = {}
    for name, each in live.items():
        wanted, own = _by_flag(_arguments(each)), _by_flag(_container(bases[name]).get("args") or [])
        changed: dict[str, Any] = {flag: _value(flag, values) for flag, values in wanted.items() if own.get(flag) != values}
        changed |= {flag: None for flag in own if flag not in wanted}
        if name == "kustomize-controller" and with_age and _SOPS_FLAG not in wanted:
            changed[_SOPS_FLAG] = None  # the program would set it, and the controller would restart
        found[name] = dict(sorted(changed.items()))  # as Pulumi hands over the keys of a configuration value
    return found


def _in_their_order(live: Mapping[str, Body], bases: Mapping[str, Body]) -> Iterator[str]:
    for name, each in live.items():
        own = _container(bases[name]).get("args") or []
        if _arguments(each) != own and sorted(_arguments(each)) == sorted(own):
            yield name


def _by_flag(arguments: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for argument in arguments:
        name, is_given, value = argument.removeprefix("--").partition("=")
        found.setdefault(name, []).append(value if is_given else "true")
    return found


def _value(flag: str, values: list[str]) -> Any:
    if len(values) > 1 or flag in _SEVERAL:
        return values
    if values[0] in ("true", "false"):
        return values[0] == "true"
    return int(values[0]) if re.fullmatch(r"0|[1-9][0-9]{0,9}", values[0]) else values[0]


def _resources(live: Mapping[str, Body], bases: Mapping[str, Body]) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, each in live.items():
        wanted, own = _container(each).get("resources") or {}, _container(bases[name]).get("resources") or {}
        for part in ("requests", "limits"):
            new, old = wanted.get(part) or {}, own.get(part) or {}
            changed = {amount: new.get(amount) for amount in _AMOUNTS if new.get(amount) != old.get(amount)}
            if changed:
                found.setdefault(name, {})[part] = changed
    return found


def _account_annotations(account: LiveObject | None) -> dict[str, str]:
    return persons(account.metadata.annotations) if account else {}


def _patches(
    live: Mapping[tuple[str, str], LiveObject], distribution: Distribution, options: InstallOptions
) -> tuple[list[InstallPatch], list[str]]:
    """What no option says, and the objects that are missing."""
    objects, patches, added = install_objects(distribution, options), [], []
    for body in (*objects.definitions, *objects.controllers):
        kind, name = body["kind"], body["metadata"]["name"]
        found = live.get((kind, name))
        if found is None:
            added.append(f"{kind}/{name}")
        elif shard_of(body["metadata"].get("labels")):
            continue  # it follows its original, and has no patch of its own
        elif kind != "CustomResourceDefinition":
            patch = difference(body, found, with_annotations=(kind, name) != _ACCOUNT)
            if patch:
                patches.append(InstallPatch(target={"kind": kind, "name": name}, patch=patch))
    return patches, added


def _arguments(each: Body) -> list[str]:
    found = _container(each).get("args")
    return [argument for argument in found if isinstance(argument, str)] if isinstance(found, list) else []


def _pod(body: Body) -> Body:
    spec: Any = body.get("spec")
    for key in ("template", "spec"):
        spec = spec.get(key) if isinstance(spec, Mapping) else None
    return spec if isinstance(spec, Mapping) else {}


def _container(body: Body) -> Body:
    containers = _pod(body).get("containers")
    first = containers[0] if isinstance(containers, list) and containers else None
    return first if isinstance(first, Mapping) else {}
