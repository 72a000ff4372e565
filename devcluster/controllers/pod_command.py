"""From a live Deployment of a Flux controller to the command line of the host process that stands for its pods.

Arguments, flags and environment are the Deployment's. What cannot be the same outside a pod is replaced, and nothing else:
addresses (there is no Service network and every controller has the same ports), and the paths of emptyDir volumes. Leader
election is off: it reads the pod's own namespace from a file that only a pod has, and the supervisor runs one process anyway.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devcluster.machine.home import LOOPBACK, SERVERS, Home
from flux.addresses import address_of
from flux.kinds import COMPONENT_LABEL

CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")
NAMESPACE = "flux-system"
_STORING = "source-controller"
"""It serves artifacts."""
UNITS = {"": 1.0, "m": 1e-3, **{f"{p}i": 1024.0**n for n, p in enumerate("KMGTPE", 1)}, **{p: 1000.0**n for n, p in enumerate("kMGTPE", 1)}}

Lookup = Callable[[str, str, str], str | None]
"""(`Secret` or `ConfigMap`, name, key) → the value, None when there is none."""


class UnsupportedPodError(Exception):
    """The pod template asks for something that a host process cannot have."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A process to run for a Deployment. Equal programs need no restart."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(hash=False, repr=False)
    folders: tuple[Path, ...]
    service_account: str
    grace: float
    """Seconds between the request to end and the kill."""
    template: str
    """A digest of the pod template: another one means another pod, and so another process."""


def controller_in(deployment: Mapping[str, Any]) -> str | None:
    """The controller that a Deployment runs, or a copy of it, which has a suffix: `source-controller-shard1`. None for another program."""
    metadata = deployment["metadata"]
    component = (metadata.get("labels") or {}).get(COMPONENT_LABEL, metadata["name"])
    is_of_it = metadata["name"] == component or metadata["name"].startswith(f"{component}-")
    return component if component in CONTROLLERS and is_of_it else None


def program(
    deployment: Mapping[str, Any], binary: Path, home: Home, lookup: Lookup, ports: Mapping[str, int] | None = None
) -> Program | None:
    """What to run for `deployment`; None when it wants no pod. `ports`: of a copy of a controller, by server.

    Raises UnsupportedPodError.
    """
    metadata, spec = deployment["metadata"], deployment["spec"]
    if metadata.get("deletionTimestamp") or spec.get("replicas", 1) == 0:
        return None
    name: str = metadata["name"]
    pod = spec["template"]["spec"]
    container = next((one for one in pod["containers"] if one["name"] == "manager"), pod["containers"][0])
    if container.get("command"):
        raise UnsupportedPodError(
            f"container {container['name']} has a command of its own, {container['command']}, and the program of {name} would run in its "
            "place. Leave it out of the Deployment; args and env are followed"
        )
    mounts = _mounts(pod, container, home.directory / "controllers" / name)
    environment = {key: _moved(value, mounts) for key, value in _environment(deployment, container, lookup).items()}
    arguments = [_moved(_expand(text, environment), mounts) for text in container.get("args", ())]
    own = home.directory / "controllers" / name
    ports = {server: home.port(server) for server in SERVERS} | dict(ports or {})
    return Program(
        name=name,
        command=(str(binary), *_on_loopback(name, controller_in(deployment) or name, arguments, ports)),
        environment={**environment, "HOME": str(own), "TMPDIR": str(mounts.get("/tmp", own)), "KUBECONFIG": str(own / "kubeconfig")},  # noqa: S108
        folders=tuple(mounts.values()),
        service_account=pod.get("serviceAccountName", "default"),
        grace=float(pod.get("terminationGracePeriodSeconds", 30)),
        template=hashlib.sha256(json.dumps(spec["template"], sort_keys=True).encode()).hexdigest(),
    )


def servers_of(name: str, controller: str) -> list[str]:
    """The servers of a copy of `controller`, each of which needs a port."""
    kinds = ("metrics", "health", "storage") if controller == _STORING else ("metrics", "health")
    return [f"{name}-{kind}" for kind in kinds]


def _on_loopback(name: str, controller: str, arguments: list[str], ports: Mapping[str, int]) -> list[str]:
    """`arguments` with every address on loopback, also those that the Deployment leaves at their default."""
    here = {
        "metrics-addr": f"{LOOPBACK}:{ports[f'{name}-metrics']}",
        "health-addr": f"{LOOPBACK}:{ports[f'{name}-health']}",
        "enable-leader-election": "false",
    }
    events = f"{LOOPBACK}:{ports['notification-controller-events']}"
    if controller == _STORING:
        storage = f"{LOOPBACK}:{ports[f'{name}-storage']}"
        here |= {"storage-addr": storage, "storage-adv-addr": storage}
    if controller == "notification-controller":
        here |= {"events-addr": events, "receiverAddr": f"{LOOPBACK}:{ports['notification-controller-receiver']}"}
    kept: list[str] = []
    following = iter(arguments)
    for argument in following:
        flag, assigned, value = argument.removeprefix("--").partition("=")
        if argument.startswith("--") and flag in {*here, "events-addr"} and not assigned and flag != "enable-leader-election":
            value = next(following, "")
        if flag == "events-addr" and controller != "notification-controller":
            address = address_of(value)
            host = address.host if address else ""
            # An address that is not the cluster's own notification-controller was chosen on purpose: it stays.
            kept.append(f"--events-addr={f'http://{events}/' if host.startswith('notification-controller.') else value}")
        elif flag not in here:
            kept.append(argument)
    return kept + [f"--{flag}={address}" for flag, address in here.items()]


def _mounts(pod: Mapping[str, Any], container: Mapping[str, Any], directory: Path) -> dict[str, Path]:
    volumes = {volume["name"]: volume for volume in pod.get("volumes", ())}
    mounts: dict[str, Path] = {}
    for mount in container.get("volumeMounts", ()):
        if "emptyDir" not in volumes.get(mount["name"], {}):
            raise UnsupportedPodError(f"volume {mount['name']} at {mount['mountPath']} is not an emptyDir")
        mounts[mount["mountPath"].rstrip("/")] = directory / mount["name"]
    return mounts


def _moved(text: str, mounts: Mapping[str, Path]) -> str:
    """`text`, or the value of the flag it is, with the path of a volume replaced by the directory that stands for it."""
    flag, assigned, value = text.partition("=") if text.startswith("--") else ("", "", text)
    for path in sorted(mounts, key=len, reverse=True):
        if value == path or value.startswith(f"{path}/"):
            return f"{flag}{assigned}{mounts[path]}{value.removeprefix(path)}"
    return text


def _environment(deployment: Mapping[str, Any], container: Mapping[str, Any], lookup: Lookup) -> dict[str, str]:
    if container.get("envFrom"):
        raise UnsupportedPodError("envFrom is not supported")
    found: dict[str, str] = {}
    for variable in container.get("env", ()):
        source = variable.get("valueFrom")
        value = _from(source, deployment, container, lookup) if source else _expand(variable.get("value", ""), found)
        if value is not None:
            found[variable["name"]] = value
    return found


def _from(source: Mapping[str, Any], deployment: Mapping[str, Any], container: Mapping[str, Any], lookup: Lookup) -> str | None:
    for kind, key in (("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")):
        if key in source:
            value = lookup(kind, source[key]["name"], source[key]["key"])
            if value is None and not source[key].get("optional"):
                raise UnsupportedPodError(f"{kind} {source[key]['name']} has no key {source[key]['key']} yet")
            return value
    if "fieldRef" in source:
        metadata = deployment["metadata"]
        fields = {
            "metadata.namespace": metadata.get("namespace", NAMESPACE),
            "metadata.name": metadata["name"],
            "spec.serviceAccountName": deployment["spec"]["template"]["spec"].get("serviceAccountName", "default"),
            **dict.fromkeys(("status.podIP", "status.hostIP"), LOOPBACK),
        }
        path = source["fieldRef"]["fieldPath"]
        if path in fields:
            return str(fields[path])
        raise UnsupportedPodError(f"the field {path} exists on a real pod only")
    if "resourceFieldRef" in source:
        group, _, resource = source["resourceFieldRef"]["resource"].partition(".")
        quantity = container.get("resources", {}).get(group, {}).get(resource)
        return (
            None if quantity is None else str(math.ceil(_number(quantity) / _number(source["resourceFieldRef"].get("divisor", "1") or "1")))
        )
    raise UnsupportedPodError(f"the environment cannot come from {', '.join(source)}")


def _number(quantity: str | int) -> float:
    match = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(quantity))
    if not match or match[2] not in UNITS:
        raise UnsupportedPodError(f"{quantity} is no quantity")
    number = float(match[1]) * UNITS[match[2]]
    return number or 1.0  # a divisor of 0 means 1


def _expand(text: str, environment: Mapping[str, str]) -> str:
    """`$(NAME)` as Kubernetes expands it: unknown names stay, `$$` escapes."""

    def value(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        return environment.get(match[1], match[0])

    return re.sub(r"\$?\$\(([A-Za-z_][\w.-]*)\)", value, text)
