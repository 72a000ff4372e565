"""The floor: the objects of objects.json as raw resources, with no dependency that an empty cluster does not need.

`make bench` copies this file into a directory of its own as `__main__.py`: no components, no settings, no checks, no
Python of this repository. What it does need, as anybody's program would:

* a Namespace before what lies in it;
* the CustomResourceDefinitions before the controllers, which end without them, and before the objects of their kinds;
* a controller's ServiceAccount before its Deployment, whose pods are refused without;
* the controller of a kind before objects of that kind, so that it outlives them, and their finalizers, on destroy.
"""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes

CONTROLLERS = {"source.toolkit.fluxcd.io": "source-controller", "kustomize.toolkit.fluxcd.io": "kustomize-controller"}

config = pulumi.Config("bench")
provider = pulumi_kubernetes.Provider(
    "kubernetes",
    kubeconfig=Path(config.require("kubeconfig")).read_text(),
    context=config.require("context"),
    cluster_identifier="bench",
    enable_secret_mutable=True,
    enable_config_map_mutable=True,
    kube_client_settings=pulumi_kubernetes.KubeClientSettingsArgs(qps=1000, burst=2000),
)
made: dict[tuple[str, str], pulumi.Resource] = {}
"""By kind and name."""
definitions: dict[tuple[str, str], pulumi.Resource] = {}
"""The CustomResourceDefinitions, by the API group and kind that they define."""


def needed(body: dict[str, Any]) -> list[pulumi.Resource]:
    """What must be there before `body`."""
    group, kind, metadata = body["apiVersion"].rpartition("/")[0], body["kind"], body["metadata"]
    keys = [("Namespace", metadata.get("namespace"))]
    found: list[pulumi.Resource] = []
    if kind == "Deployment":
        keys.append(("ServiceAccount", body["spec"]["template"]["spec"].get("serviceAccountName")))
        found += definitions.values()
    if definition := definitions.get((group, kind)):
        keys.append(("Deployment", CONTROLLERS.get(group)))
        found.append(definition)
    return found + [made[key] for key in keys if key in made]


for body in json.loads(Path("objects.json").read_text()):
    api_version, kind, name = body["apiVersion"], body["kind"], body["metadata"]["name"]
    options = pulumi.ResourceOptions(provider=provider, depends_on=needed(body))
    if kind == "Secret":
        body["data"] = {key: pulumi.Output.secret(value) for key, value in body["data"].items()}
        options.additional_secret_outputs = ["data", "stringData"]
    token = f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{kind}"
    resource = pulumi.CustomResource(token, f"{kind}-{name}".lower(), body, options)
    made[kind, name] = resource
    if kind == "CustomResourceDefinition":
        definitions[body["spec"]["group"], body["spec"]["names"]["kind"]] = resource
