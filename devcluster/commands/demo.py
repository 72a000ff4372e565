"""`make demo`: from nothing, or from wherever the last run stopped, to a cluster in which Flux reports everything ready."""

import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from devcluster.commands.homes import alone, cluster_at
from devcluster.commands.machine_checks import refuse_unfit_machine
from devcluster.embedded_cluster import START_STEPS
from devcluster.gitea.encrypted_files import EncryptedFiles
from devcluster.messages.errors import DevclusterError
from devcluster.messages.numbered_steps import NumberedSteps, say
from devcluster.messages.progress import duration
from devcluster.messages.shell_commands import ShellCommands
from devcluster.program.missing_repositories import ADDRESSES, refuse_missing_repositories
from devcluster.program.pulumi_stack import STACK, PulumiStack
from devcluster.program.registered_keys import register_generated_keys
from devcluster.program.repository_check import Checked, check_repositories
from devcluster.program.waiting_for_flux import WAIT_SECONDS, wait_until_synced
from gitops.status.table import print_table

SECONDS_FOR_THE_REST = 30.0
STEPS = START_STEPS + 6


def up(directory: Path) -> None:
    """Everything up to date and ready, with a table at the end."""
    cluster = cluster_at(directory)
    cluster.refuse_unusable()
    refuse_unfit_machine()
    with alone(cluster):
        step = NumberedSteps(STEPS)
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
        with step("the keys that the stack generated, known to Gitea"):
            addresses = [environment[name] for name in ADDRESSES]
            registered = register_generated_keys(cluster.samples, stack.key_titles(), stack.outputs(), addresses)
        for each in registered:
            say(f"registered at {each}")
        checked = check(environment, cluster.home.commands, step)
        started = time.monotonic()
        step.begin("Flux syncs; objects that are not ready yet are listed below")
        with cluster.kube as kube:
            rows = wait_until_synced(cluster.home, kube, cluster.samples.outdated_commits(), seconds_to_wait(checked))
        say(f"Flux reports everything ready: after {duration(time.monotonic() - started)}\n")
        print_table(rows, Console())
        if isinstance(checked, DevclusterError):
            raise checked
    print(next_steps(cluster.home.commands))


def check(environment: Mapping[str, str], commands: ShellCommands, step: NumberedSteps) -> Checked | DevclusterError:
    """What is in the repositories, shown before the demo waits for it; or why that could not be checked, which is shown at the end."""
    try:
        with step("gitops check"):
            checked = check_repositories(environment, commands)
    except DevclusterError as error:
        return error
    say(checked.text)
    return checked


def seconds_to_wait(checked: Checked | DevclusterError) -> float:
    """How long everything may take to become ready; not long where a finding says that something never will."""
    if isinstance(checked, Checked) and checked.stops_flux:
        say(f"With these errors, Flux cannot make everything ready; waiting {SECONDS_FOR_THE_REST:.0f} s for the rest")
        return SECONDS_FOR_THE_REST
    return WAIT_SECONDS


def next_steps(commands: ShellCommands) -> str:
    """What a person may do now, each command as it has to be typed for this home."""
    return f"""
Try next:  {commands.env}
           gitops status, pulumi preview, kubectl get gitrepositories -A
           git clone "$GITOPS_DEV_GITEA_HTTP/argo"; then change a file, git push, and gitops status within a minute
To stop:   {commands.down}"""
