"""`artifact`: manifests as an OCI artifact in the registry of an embedded cluster's Gitea, as `flux push artifact` would push them."""

import re
from pathlib import Path

from devcluster.commands.homes import is_bare, running
from devcluster.commands.pushed_files import files_of
from devcluster.messages.errors import DevclusterError

NAME = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
TAG = "latest"


def push(directory: Path, name: str, source: Path) -> str:
    """Push the files of `source`, in place of what the tag named before; what a person has to know of it."""
    if not NAME.fullmatch(name):
        raise DevclusterError(
            f"{name!r} cannot be the name of an artifact",
            "The registry would refuse it.",
            "Use only lower-case letters and digits, with single . _ - between them.",
        )
    files = files_of(source, "Nothing was pushed.", "Add a manifest.")
    cluster = running(directory)
    digest = cluster.samples.push_flux_artifact(name, TAG, files)
    url = cluster.samples.artifact_url(name)
    bare = is_bare(cluster.home)
    return f"""\
Pushed {len(files)} file{"" if len(files) == 1 else "s"} to {url}:{TAG}, {digest}.

In the catalog:      {catalog_line(name, url, bare=bare)}
                     under `oci`{"" if bare else "; stack dev uses group apps; for another stack, write a group that it uses"}"""


def catalog_line(name: str, url: str, *, bare: bool = False) -> str:
    """The entry of the catalog's section `oci`, in the group of the one that `gitops new` writes for a bare cluster, or of the demo's."""
    return f"{name}: {{url: {url}, groups: [{'base' if bare else 'apps'}], spec: {{ref: {{tag: {TAG}}}}}}}"
