"""`up --bare`: a cluster of one's own, as a tutorial needs it: the Kubernetes API, Gitea, and controllers for whatever Flux is installed.

No stack is applied and no repository made. Flux's manifests lie in Gitea's OCI registry, so that a stack can pin them by digest as it
would pin ghcr.io's. What the home was made as, it stays: a later `up` of it repairs, and applies nothing.
"""

import re
from pathlib import Path

from devcluster.commands.homes import alone, cluster_at, is_bare
from devcluster.commands.machine_checks import refuse_unfit_machine
from devcluster.embedded_cluster import START_STEPS
from devcluster.messages.errors import DevclusterError
from devcluster.messages.numbered_steps import NumberedSteps, say
from devcluster.messages.shell_commands import DEMO_HOME, ShellCommands
from devcluster.program.shell_environment import FLUX_VERSION, manifests_directory

ARTIFACT = "flux-manifests"


def up(directory: Path) -> None:
    """Everything runs, and there is nothing on it."""
    cluster = cluster_at(directory, name_for(directory))
    refuse_the_demos_home(directory)
    cluster.refuse_unusable()
    if cluster.home.recorded() and not is_bare(cluster.home):
        raise DevclusterError(
            f"{directory} is the home of a demo",
            "Its stack is already applied, so the cluster is not empty.",
            f"Choose another directory with --home, or remove the demo: {cluster.home.commands.down}",
        )
    refuse_unfit_machine()
    with alone(cluster):
        step = NumberedSteps(START_STEPS + 1)
        # Before anything is started: a start that is killed must not leave what looks like a demo's home.
        cluster.home.make()
        cluster.home.record(name=cluster.home.name, bare=True)
        programs = cluster.start(step, samples=False)
        say(programs.description)
        with step(f"Flux's manifests, {FLUX_VERSION} and older, as artifacts in Gitea's registry"):
            digests = {
                release.name: cluster.samples.push_flux_artifact(ARTIFACT, release.name, release)
                for release in sorted(manifests_directory().parent.iterdir())
            }
        cluster.home.record(flux_manifests=f"{ARTIFACT}:{FLUX_VERSION}@{digests[FLUX_VERSION]}")
    print(next_steps(cluster.home.commands))


def name_for(directory: Path) -> str:
    """The name of a new cluster, and so of its context: the directory's, as far as a cluster may be called so."""
    return re.sub(r"[^a-z0-9]+", "-", directory.name.lower()).strip("-") or "cluster"


def refuse_the_demos_home(directory: Path) -> None:
    """Raise DevclusterError for the home that `make demo` uses."""
    if directory == DEMO_HOME:
        raise DevclusterError(
            "--bare needs a directory of its own",
            f"{directory} is where `make demo` has its cluster.",
            f"Name another: {ShellCommands(Path('.tutorial')).up} --bare",
        )


def next_steps(commands: ShellCommands) -> str:
    """What a person may do now, each command as it has to be typed for this home."""
    return f"""
To set its environment in this shell:       {commands.env}
To print its values for a stack file:       {commands.describe}
To create a repository on its Gitea:        {commands.repository("NAME")}
To stop, and remove every file:             {commands.down}"""
