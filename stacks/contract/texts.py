"""The names and other short texts in stack file and catalog, each with the message for a text of another form.

Whether what is named exists is judged elsewhere: by the choice from the catalog, by the rules, and by Flux.
"""

from typing import Annotated

from flux.listing import either
from flux.message import Message
from stacks.contract.section_names import NAMED_SECTIONS
from stacks.contract.text_kinds import TextKind

Text = Annotated[
    str,
    TextKind(
        "text",
        r"^.+$",
        Message("has more than one line", "Only one line is allowed here.", "Write the value on one line."),
        ((r"^$", Message("is empty", "It would have no effect.", "Write a value, or remove the key.")),),
    ),
]
"""Any text of one line but the empty one."""
ObjectName = Annotated[
    str,
    TextKind(
        "Kubernetes name",
        r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$",
        Message(
            "is not a Kubernetes name",
            "The API server would refuse the object.",
            "Write lower-case letters, digits, - and ., with a letter or digit at both ends, like homelab.",
        ),
    ),
]
"""Name of a Kubernetes object."""
ExternalName = Annotated[
    str,
    TextKind(
        "`name` or `namespace/name`",
        r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?$",
        Message("is not the name of a Kustomization", "Nothing could depend on it.", "Write its name, or namespace/name."),
    ),
]
"""A Kustomization of another owner: `name` in flux-system, or `namespace/name`."""
GroupName = Annotated[
    str,
    TextKind(
        "name of a group",
        r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        Message("is not a group name", "No entry could be in this group.", "Write lower-case letters, digits and -, like base."),
    ),
]
SHARD_NAME = TextKind(
    "name of a shard",
    r"^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$",
    Message(
        "is not a name for a shard",
        "The API server would refuse its controllers, whose names end in it.",
        "Write up to 42 lower-case letters, digits and -, with a letter or digit at both ends, like shard1.",
    ),
)
ShardName = Annotated[str, SHARD_NAME]
"""Name of a shard: the value of the label `sharding.fluxcd.io/key`."""
HostName = Annotated[
    str,
    TextKind(
        "name of a host",
        r"^[a-z0-9][-a-z0-9]*$",
        Message(
            "is not a name for a host",
            "No `from: host/repository` could refer to it.",
            "Write lower-case letters, digits and -, like gitea.",
        ),
    ),
]
"""What the catalog calls a server, not its DNS name."""
VariableName = Annotated[
    str,
    TextKind(
        "name of a variable",
        r"^[_a-zA-Z][_a-zA-Z0-9]*$",
        Message(
            "is not a variable name",
            "Flux would refuse to substitute anything.",
            "Write letters, digits and _, with no digit first, like CLUSTER_NAME.",
        ),
    ),
]
_FINGERPRINT = "`openssl x509 -in ca.crt -outform der | sha256sum`"
HexSha256 = Annotated[
    str,
    TextKind(
        "64 hex digits",
        r"^[0-9a-f]{64}$",
        Message("is not a SHA-256 in hex", "No cluster would match it.", f"Write the 64 digits that {_FINGERPRINT} prints."),
        (
            (
                r"(?i)^([0-9a-f]{2}:?){32}$",
                Message(
                    "is a fingerprint with capital letters or colons",
                    "No cluster would match it.",
                    "Write the same 64 digits in lower case, without colons.",
                ),
            ),
        ),
    ),
]
PRINTS_UID = "kubectl get namespace kube-system -o jsonpath={.metadata.uid}"
Uid = Annotated[
    str,
    TextKind(
        "UID",
        r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        Message(
            "is not a UID",
            "No cluster would match it.",
            f"Write what `{PRINTS_UID}` prints.",
        ),
    ),
]
KubernetesVersion = Annotated[
    str,
    TextKind(
        "version",
        r"^v?1\.[0-9]+(\.[0-9]+([-+][0-9A-Za-z.-]+)?)?$",
        Message("is not a Kubernetes version", "No Flux release could be compared with it.", 'Write a version like "1.35".'),
    ),
]
OverrideTarget = Annotated[
    str,
    TextKind(
        "`section/name`",
        rf"^({'|'.join(NAMED_SECTIONS)})/.+$",
        Message(
            "is not an entry of the catalog",
            "The override would have no effect.",
            f"Write section/name, where the section is {either(NAMED_SECTIONS)}.",
        ),
    ),
]
