"""The organisation of the embedded Gitea: its repositories, who may read them, and one chart."""

from collections.abc import Mapping
from pathlib import Path

from devcluster.gitea.chart_package import package, read_tree
from devcluster.gitea.git_publisher import Publisher
from devcluster.gitea.gitea_server import ORGANISATION, GiteaServer
from devcluster.gitea.oci_push import Registry
from devcluster.gitea.organisation import GiteaApi
from devcluster.machine.home import Home
from devcluster.machine.ssh_keys import public_key, write_private_key
from devcluster.messages.errors import DevclusterError

TREES = Path(__file__).parent / "repositories"
CHART = Path(__file__).parent / "charts" / "tiny"
ROOT_REPOSITORY = "homelab-k8s2"
"""Private, read over SSH with a deploy key."""
TOKEN_REPOSITORY = "kuberay-images"  # noqa: S105
"""Private, read over HTTP with an access token."""
READER = "flux-reader"
DEPLOY_KEY_TITLE = "flux"
SAMPLES = "feat: sample files"
FIRST_COMMIT = "feat: first files"


class Samples:
    """The repositories of one Gitea: the samples, and what is done with any of them."""

    def __init__(self, home: Home, gitea: GiteaServer) -> None:
        """Work on `gitea` of `home`, which must be ready when a method is called."""
        self.home = home
        self.gitea = gitea

    @property
    def repositories(self) -> list[str]:
        """The names of all sample repositories."""
        return sorted(path.name for path in TREES.iterdir() if path.is_dir())

    @property
    def deploy_key(self) -> Path:
        """The private half of the key that reads `homelab-k8s2`."""
        return self.home.secrets / "homelab-deploy.pem"

    @property
    def reader(self) -> str:
        """Whose token that is."""
        return READER

    @property
    def read_token(self) -> Path:
        """The access token that reads `kuberay-images`."""
        return self.home.secrets / f"gitea-{READER}-token"

    def prepare_organisation(self) -> None:
        """The organisation is there, and so are the key and the access token by which Flux reads private repositories."""
        with GiteaApi(self.gitea) as api:
            api.ensure_organisation()
        if not self.deploy_key.exists():
            write_private_key(self.deploy_key)
        self.gitea.reader_token(READER)

    def publish(self) -> None:
        """Create what is missing, push what changed; a second call changes nothing."""
        self.prepare_organisation()
        with GiteaApi(self.gitea) as api:
            for name in self.repositories:
                api.ensure_repository(name, private=name in (ROOT_REPOSITORY, TOKEN_REPOSITORY))
                self._publisher(api, name).publish(read_tree(TREES / name), SAMPLES, part="samples")
            api.ensure_deploy_key(ROOT_REPOSITORY, DEPLOY_KEY_TITLE, public_key(self.deploy_key))
            api.ensure_reader(TOKEN_REPOSITORY, READER)
            chart = package(CHART)
            api.ensure_chart(chart.name, chart.version, chart.package)
            with Registry(self.gitea.url, api.git_authorization) as registry:
                registry.push_chart(f"{ORGANISATION}/charts/{chart.name}", chart)

    def create(self, name: str, files: Mapping[str, bytes], *, private: bool = False) -> str:
        """A new repository with `files` on `main`, which Flux may read with its deploy key and its token; the commit, none without files.

        Raises DevclusterError when there is one of this name.
        """
        self.prepare_organisation()
        with GiteaApi(self.gitea) as api:
            if name.lower() in {each.lower() for each in api.repositories()}:
                raise DevclusterError(
                    f"the repository {ORGANISATION}/{name} already exists",
                    "Nothing was pushed, so your commits are safe.",
                    f"Clone it, commit and push: git clone {self.url(name)}",
                )
            api.ensure_repository(name, private=private)
            api.ensure_deploy_key(name, DEPLOY_KEY_TITLE, public_key(self.deploy_key))
            api.ensure_reader(name, READER)
            return self._publisher(api, name).publish(files, FIRST_COMMIT) if files else ""

    def register(self, repository: str, title: str, public_key: str) -> bool:
        """`public_key` reads `repository`, in place of another one with this title; whether that is new."""
        with GiteaApi(self.gitea) as api:
            return api.put_deploy_key(repository, title, public_key)

    def names(self) -> set[str]:
        """Every repository that there is, samples or not."""
        with GiteaApi(self.gitea) as api:
            return api.repositories()

    def url(self, repository: str) -> str:
        """Where a person clones it."""
        return f"{self.gitea.url}/{ORGANISATION}/{repository}.git"

    def artifact_url(self, name: str) -> str:
        """What a catalog calls an artifact of the organisation's OCI registry, without a tag."""
        return f"oci://{self.gitea.url.removeprefix('http://')}/{ORGANISATION}/{name}"

    def push(self, repository: str, files: Mapping[str, bytes], message: str, *, part: str | None = None) -> str:
        """Put `files` on `main` of `repository`; the commit that it then points to.

        All other files stay, except those that were pushed as the same `part` before and are missing now.
        """
        with GiteaApi(self.gitea) as api:
            return self._publisher(api, repository).publish(files, message, part=part)

    def read(self, repository: str, path: str) -> bytes | None:
        """A file on `main` of `repository`; None when it is not there."""
        with GiteaApi(self.gitea) as api:
            return self._publisher(api, repository).read(path)

    def head(self, repository: str) -> str | None:
        """The commit that `main` of `repository` points to."""
        with GiteaApi(self.gitea) as api:
            return api.head(repository)

    def outdated_commits(self) -> set[str]:
        """Every commit of every repository that `main` has left behind."""
        with GiteaApi(self.gitea) as api:
            return {commit for name in self.repositories for commit in self._publisher(api, name).history()[1:]}

    def push_flux_artifact(self, name: str, tag: str, manifests: Path | Mapping[str, bytes]) -> str:
        """Push a directory of YAML, or such files, to the organisation's OCI registry as a Flux artifact; its digest."""
        with GiteaApi(self.gitea) as api, Registry(self.gitea.url, api.git_authorization) as registry:
            return registry.push_flux_artifact(f"{ORGANISATION}/{name}", tag, manifests)

    def _publisher(self, api: GiteaApi, repository: str) -> Publisher:
        return Publisher(self.url(repository), api.git_authorization, self.home.directory / "gitea" / "clones" / f"{repository}.git")
