"""Rules over the stack file: what production and staging refuse although it would work; development allows it.

Rules over Flux objects that apply only in some environments are among the others in `flux/rules`.
"""

import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from shlex import quote

from flux.finding import STACK_FILE, Finding, in_stack_file
from flux.release.artifact_reference import parse_reference
from flux.requirement import REFUSING
from flux.rules.rule import Rule, judge, rule, rules_in
from flux.schema.explain_values import MISSING
from stacks.contract.stack import Stack

_ONLY_DEVELOPMENT = "only development allows that."


@rule(looks_at=STACK_FILE, environments=REFUSING)
def cluster_is_pinned(stack: Stack) -> Iterator[Finding]:
    """The stack names the API server and its certificate authority.

    Without them, `pulumi up` changes whichever cluster the kubeconfig reaches, and a preview does not show which.
    """
    would = f"`pulumi up` would change whichever cluster the kubeconfig reaches; {_ONLY_DEVELOPMENT}"
    if stack.cluster.server is None:
        fix = "Write the API server's URL, which `kubectl config view --minify` prints."
        yield in_stack_file(("cluster", "server"), MISSING, would, fix)
    if stack.cluster.ca_sha256 is None:
        fix = "Write the 64 digits that `openssl x509 -in ca.crt -outform der | sha256sum` prints."
        yield in_stack_file(("cluster", "caSha256"), MISSING, would, fix)


@rule(looks_at=STACK_FILE, environments=REFUSING)
def manifests_are_pinned(stack: Stack) -> Iterator[Finding]:
    """Flux's manifests are an artifact by digest, or a directory of this repository.

    A tag can be moved, and a directory elsewhere differs from machine to machine. The commit pins a directory of the repository, which is
    how a cluster without internet access gets Flux.
    """
    written = stack.flux.manifests
    if written.startswith((".", "/")):
        if _is_outside(written):
            yield in_stack_file(
                ("flux", "manifests"),
                "is a directory outside this repository",
                f"What is installed would depend on the machine that runs `pulumi up`; {_ONLY_DEVELOPMENT}",
                "Write an artifact with its digest, or a directory that is committed here, such as ./manifests.",
            )
    elif parse_reference(written).digest is None:
        yield in_stack_file(
            ("flux", "manifests"),
            "has no digest",
            f"What is installed could change without a commit; {_ONLY_DEVELOPMENT}",
            f"Append @sha256:… with the digest that `gitops digest {quote(written)}` prints.",
        )


@rule(looks_at=STACK_FILE, environments=REFUSING)
def age_keys_are_supplied(stack: Stack) -> Iterator[Finding]:
    """No age key is generated.

    A generated key exists only in Pulumi's state and the cluster: if both are lost, the files in Git that are encrypted only for it
    cannot be decrypted.
    """
    for name in stack.age.generated:
        yield in_stack_file(
            ("age", "keys", name),
            "is generated",
            f"If Pulumi's state is lost, files encrypted for this key cannot be decrypted; {_ONLY_DEVELOPMENT}",
            f"Make a key with `age-keygen`, write supplied, and run: pulumi config set --secret gitops:age-{name}",
        )


@rule(looks_at=STACK_FILE, environments=REFUSING)
def destroy_is_decided(stack: Stack) -> Iterator[Finding]:
    """The stack says what `pulumi destroy` does to the workloads.

    `pulumi destroy` does not run the program: the deletion policies that the last `up` set decide what is removed.
    """
    if "on_destroy" not in stack.model_fields_set:
        yield in_stack_file(
            ("onDestroy",),
            MISSING,
            f"It is undecided what `pulumi destroy` does to the workloads; {_ONLY_DEVELOPMENT}",
            "Write keepWorkloads (remove Flux, keep what it applied) or removeWorkloads.",
        )


@rule(looks_at=STACK_FILE, environments=REFUSING)
def values_are_written_down(_: Stack) -> Iterator[Finding]:
    """No value is `{env: NAME}`.

    A reviewer could not see which value `pulumi up` takes from the environment. stacks/inputs/config.py enforces this, because a model
    does not see where its values come from.
    """
    yield from ()


def policies() -> list[Rule[Stack]]:
    """Every rule over the stack file, in the order in which a reference page should list them."""
    return rules_in(sys.modules[__name__])


def check_stack_file(stack: Stack) -> list[Finding]:
    """What the environment of `stack` refuses in its file."""
    return judge(policies(), stack, stack.environment)


def _is_outside(path: str) -> bool:
    return path.startswith("/") or ".." in PurePosixPath(path).parts
