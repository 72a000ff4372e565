"""`make demo`: from nothing, or from wherever the last run stopped, to a cluster in which Flux reports everything ready."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from devcluster.commands.homes import alone, cluster_at
from devcluster.commands.machine_checks import refuse_unfit_machine
from devcluster.embedded_cluster import START_STEPS
from devcluster.gitea.encrypted_files import EncryptedFiles
from devcluster.messages.numbered_steps import NumberedSteps, say
from devcluster.messages.progress import duration
from devcluster.messages.shell_commands import ShellCommands
from devcluster.program.missing_repositories import refuse_missing_repositories
from devcluster.program.pulumi_stack import STACK, PulumiStack
from devcluster.program.repository_check import check_repositories
from devcluster.program.waiting_for_flux import wait_until_synced
from gitops.status.row import StatusRow
from gitops.status.table import print_table


def up(directory: Path) -> None:
    """Everything up to date and ready, with a table at the end."""
    cluster = cluster_at(directory)
    cluster.refuse_unusable()
    refuse_unfit_machine()
    with alone(cluster):
        step = NumberedSteps(START_STEPS + 5)
        programs = cluster.start(step)
        say(programs.description)
        environment = cluster.environment()
        with step("the stack's repositories exist"):
            refuse_missing_repositories(cluster.samples, environment)
        stack = PulumiStack(cluster.home, environment)
        with step(f"pulumi up of stack {STACK}") as running, cluster.kube as kube:
            changed = stack.up(kube, lambda resources: setattr(running, "detail", f"{resources} resources done"))
        say(changed)
        with step("secrets encrypted with sops for the cluster's key, and pushed"):
            recipients = sorted(stack.output("ageRecipients").values())
            EncryptedFiles(cluster.home, cluster.samples).publish(recipients)
        started = time.monotonic()
        step.begin("Flux syncs; objects that are not ready yet are listed below")
        with cluster.kube as kube:
            rows = wait_until_synced(cluster.home, kube, cluster.samples.outdated_commits())
        say(f"Flux reports everything ready: after {duration(time.monotonic() - started)}")
        show(rows, environment, cluster.home.commands, step)


def show(rows: Sequence[StatusRow], environment: Mapping[str, str], commands: ShellCommands, step: NumberedSteps) -> None:
    """What Flux made of it, after a check of the repositories; a check that cannot be run is told below the table."""
    try:
        with step("gitops check"):
            found = check_repositories(environment, commands)
        say(f"{found}\n")
    finally:
        print_table(rows, Console())
    print(next_steps(commands))


def next_steps(commands: ShellCommands) -> str:
    """What a person may do now, each command as it has to be typed for this home."""
    return f"""
Try next:  {commands.env}
           gitops status, pulumi preview, kubectl get gitrepositories -A
           git clone "$GITOPS_DEV_GITEA_HTTP/argo"; then change a file, git push, and gitops status within a minute
To stop:   {commands.down}"""
