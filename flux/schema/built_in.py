"""What the API server asks of the built-in objects that Flux's install manifests hold: no CRD describes them.

Gathered from the API reference of Kubernetes 1.36 (https://kubernetes.io/docs/reference/kubernetes-api/): which fields there are, their
types, and which are required, as far down as a patch usually goes. A field that is not listed, and not nearly like one that is, may be
newer than this list, and is let pass.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flux.close_names import close_to
from flux.finding import Finding
from flux.object_reference import reference_of
from flux.schema.deployments import deployment_faults
from flux.schema.explain import Explainer
from flux.schema.kind_schema import KindSchema
from flux.schema.mismatch import Mismatch, Node

_TEXT: Node = {"type": "string"}
_WHOLE: Node = {"type": "integer", "format": "int32"}
_LONG: Node = {"type": "integer"}
_SWITCH: Node = {"type": "boolean"}
_ANY: Node = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_NAME: Node = {"type": "string", "minLength": 1}
_TEXTS: Node = {"type": "object", "additionalProperties": _TEXT}
_PORT: Node = {"x-kubernetes-int-or-string": True}


def _object(*required: str, **fields: Node) -> Node:
    return {"type": "object", "properties": fields, "required": list(required)}


def _fields(names: str, node: Node) -> dict[str, Node]:
    return dict.fromkeys(names.split(), node)


def _list(items: Node = _ANY, **more: Any) -> Node:
    return {"type": "array", "items": items, **more}


def _by(key: str, items: Node, **more: Any) -> Node:
    return _list(items, **{"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key], **more})


_METADATA = _object(labels=_TEXTS, annotations=_TEXTS, **_fields("name namespace creationTimestamp", _TEXT), finalizers=_list(_TEXT))
_SELECTOR = _object(matchLabels=_TEXTS, matchExpressions=_list())
_AMOUNTS: Node = {"type": "object", "additionalProperties": {"x-kubernetes-preserve-unknown-fields": True}}
_CONTAINER = _object(
    "name",
    "image",
    name={**_NAME, "pattern": r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"},
    image=_NAME,
    **_fields("imagePullPolicy restartPolicy terminationMessagePath terminationMessagePolicy workingDir", _TEXT),
    **_fields("args command", _list(_TEXT)),
    **_fields("stdin stdinOnce tty", _SWITCH),
    **_fields("lifecycle livenessProbe readinessProbe securityContext startupProbe", _ANY),
    **_fields("envFrom resizePolicy restartPolicyRules volumeDevices", _list()),
    env=_list(_object("name", name=_NAME, value=_TEXT, valueFrom=_ANY)),
    ports=_list(_object("containerPort", containerPort=_WHOLE, hostPort=_WHOLE, **_fields("name protocol hostIP", _TEXT))),
    resources=_object(limits=_AMOUNTS, requests=_AMOUNTS, claims=_list()),
    volumeMounts=_list(
        _object(
            "name", "mountPath", readOnly=_SWITCH, **_fields("mountPropagation recursiveReadOnly subPath subPathExpr", _TEXT),
            **_fields("name mountPath", _NAME),
        )
    ),
)  # fmt: skip
_POD = _object(
    "containers",
    containers=_by("name", _CONTAINER, minItems=1),
    **_fields("initContainers", _by("name", _CONTAINER)),
    **_fields("activeDeadlineSeconds terminationGracePeriodSeconds", _LONG),
    priority=_WHOLE,
    **_fields("automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers", _SWITCH),
    **_fields("setHostnameAsFQDN shareProcessNamespace", _SWITCH),
    **_fields("dnsPolicy hostname hostnameOverride nodeName preemptionPolicy priorityClassName restartPolicy runtimeClassName", _TEXT),
    **_fields("schedulerName serviceAccount serviceAccountName subdomain", _TEXT),
    **_fields("affinity dnsConfig os overhead resources securityContext", _ANY),
    **_fields("ephemeralContainers hostAliases readinessGates resourceClaims schedulingGates topologySpreadConstraints", _list()),
    imagePullSecrets=_list(_object("name", name=_NAME)),
    nodeSelector=_TEXTS,
    tolerations=_list(_object(**_fields("key operator value effect", _TEXT), tolerationSeconds=_LONG)),
    volumes=_by("name", {**_ANY, "required": ["name"], "properties": {"name": _NAME}}),
)
_DEPLOYMENT = _object(
    "selector",
    "template",
    **_fields("minReadySeconds progressDeadlineSeconds revisionHistoryLimit", _WHOLE),
    replicas={**_WHOLE, "minimum": 0},
    paused=_SWITCH,
    selector=_SELECTOR,
    strategy=_object(type={**_TEXT, "enum": ["RollingUpdate", "Recreate"]}, rollingUpdate=_ANY),
    template=_object("spec", metadata=_METADATA, spec=_POD),
)
_ROLE = _list(_object("verbs", **_fields("verbs apiGroups resources resourceNames nonResourceURLs", _list(_TEXT))))
_PEERS = _list()
_KINDS: Mapping[str, Node] = {
    "Deployment": _object("spec", spec=_DEPLOYMENT),
    "Service": _object(
        "spec",
        spec={
            **_ANY,
            "properties": {
                "selector": _TEXTS,
                "type": _TEXT,
                "ports": _list(
                    _object("port", port=_WHOLE, targetPort=_PORT, nodePort=_WHOLE, **_fields("name protocol appProtocol", _TEXT))
                ),
            },
        },
    ),
    "ServiceAccount": _object(automountServiceAccountToken=_SWITCH, imagePullSecrets=_list(_object("name", name=_NAME)), secrets=_list()),
    "NetworkPolicy": _object(
        "spec", spec=_object("podSelector", podSelector=_SELECTOR, policyTypes=_list(_TEXT), ingress=_PEERS, egress=_PEERS)
    ),
    "ResourceQuota": _object(spec=_object(hard=_AMOUNTS, scopes=_list(_TEXT), scopeSelector=_ANY)),
    "ClusterRole": _object(rules=_ROLE, aggregationRule=_ANY),
    "ClusterRoleBinding": _object(
        "roleRef",
        roleRef=_object("apiGroup", "kind", "name", **_fields("apiGroup kind name", _NAME)),
        subjects=_list(_object("kind", "name", **_fields("kind name", _NAME), **_fields("apiGroup namespace", _TEXT))),
    ),
    "Namespace": _object(spec=_ANY),
}


def built_in_findings(body: Mapping[str, Any]) -> list[Finding]:
    """What the API server would refuse a built-in object for, sorted; nothing of a kind that is not in Flux's manifests."""
    kind = str(body.get("kind"))
    if kind not in _KINDS:
        return []
    explainer = Explainer(kind=kind, root=_KINDS[kind], flux="Kubernetes", is_of_flux=True)
    mismatches = [each for each in _schema(kind).mismatches(body) if not _may_be_newer(each)]
    found = {(each.path, explainer.message(each)) for each in mismatches}
    if kind == "Deployment":
        found |= set(deployment_faults(body))
    findings = [Finding(object=reference_of(dict(body)), path=path, message=message, rule="schema") for path, message in found]
    return sorted(findings, key=lambda finding: ([(isinstance(part, int), part) for part in finding.path], finding.message))


@cache
def _schema(kind: str) -> KindSchema:
    """Compiled once, for all patches of a run."""
    return KindSchema(kind=kind, root=_KINDS[kind], status_is_dropped=True)


def _may_be_newer(mismatch: Mismatch) -> bool:
    return mismatch.keyword == "unknown" and not close_to(str(mismatch.path[-1]), mismatch.node.get("properties", {}))
