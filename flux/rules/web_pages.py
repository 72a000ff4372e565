"""Addresses copied from a browser: a page about a repository or a chart, where Flux needs what its client fetches."""

import re
from collections.abc import Iterator

from flux.any_shape import is_harmless, text
from flux.finding import STACK_AND_GIT, Finding
from flux.rules.plan import Plan
from flux.rules.rule import rule

_NO_VARIABLE = r"(?!.*\$\{)"
_PAGE_OF_A_REPOSITORY = re.compile(
    rf"^{_NO_VARIABLE}(?P<repository>https?://[^/?#]+/[^/?#]+/[^?#]+?)/"
    r"(?:-/.*|src/(?:branch|commit|tag)/.*|(?:tree|blob|commits?|raw|browse)/[^?#]+)$"
)
"""Gitea, Forgejo, GitHub, GitLab. The names that stand after the repository are reserved on these servers."""
_PAGE_OF_BITBUCKET = re.compile(
    rf"^{_NO_VARIABLE}(?P<repository>https://bitbucket\.org/[^/?#]+/[^/?#]+)/(?:src|branch|commits|browse)(?:/.*)?$"
)
_BELOW_A_REPOSITORY = re.compile(
    rf"^{_NO_VARIABLE}(?P<repository>https?://(?:www\.)?(?:github\.com|codeberg\.org)/[^/?#]+/[^/?#]+)/[^/?#][^?#]*$"
)
"""There, a repository has an owner and a name: what follows is a page about it."""
_OWNER = re.compile(r"^(?P<owner>https?://(?:www\.)?(?:github\.com|codeberg\.org|gitlab\.com|bitbucket\.org)/[^/?#]+)/?$")
_AZURE = re.compile(r"^https?://[^?#]+/_git/[^/?#]+$")
"""A repository of Azure DevOps, whose address has no .git."""
_REMOTE_BASE = re.compile(rf"^{_NO_VARIABLE}(?P<repository>(?:https?|ssh)://[^?#]+?)(?:\?[^#]*)?(?:#.*)?$")
_GITEA_PAGE = re.compile(r"^(?P<server>https?://[^/]+)/(?P<owner>[^/]+)/-/packages(?:/.*)?$")
_GITLAB_PAGE = re.compile(r"^(?P<server>https?://[^/]+)/[^?#]+/-/(?:packages|tree|blob|releases)(?:/.*)?$")
_DOCKER_HUB = re.compile(r"^https?://hub\.docker\.com/(?:r/|u/|_/)?(?P<owner>[^/?#]+)")
_GITHUB_PACKAGE = re.compile(r"^https?://(?:www\.)?github\.com/(?:(?:orgs|users)/)?(?P<owner>[^/]+)/(?:[^/]+/)?(?:pkgs|packages)(?:/.*)?$")
_INDEX = re.compile(r"^(?P<directory>https?://.+?)/+index\.yaml(?:[?#].*)?$")
_ARTIFACT_HUB = re.compile(r"^https?://(?:www\.)?artifacthub\.io/")
_GITHUB_PAGE = re.compile(r"^https?://(?:www\.)?github\.com/(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?(?:/?|/(?:tree|blob)/.*)$")
_ONLY_OCI = re.compile(
    r"^https?://(?P<place>(?:(?:ghcr|docker|quay|gcr|[a-z]+\.gcr|registry-1\.docker|index\.docker)\.io|registry\.(?:gitlab\.com|k8s\.io)"
    r"|public\.ecr\.aws|mcr\.microsoft\.com|[^/]+\.(?:pkg\.dev|azurecr\.io)|\d+\.dkr\.ecr\.[^/]+\.amazonaws\.com)(?:/.*)?)$"
)
"""Registries that serve no chart index."""
_NO_REPOSITORY = "Flux would find no Git repository there."
_NO_INDEX = "Flux appends /index.yaml to the URL, and would find no index there."


@rule(looks_at=STACK_AND_GIT)
def git_url_is_not_a_web_page(plan: Plan) -> Iterator[Finding]:
    """The URL of a GitRepository is the one that `git clone` takes, not that of a page: no `/src/branch/main`, `/tree/main` or `?ref=main`.

    source-controller appends `/info/refs` to it, which the server of a page answers with "not found".
    """
    for item in plan.of_kind("GitRepository"):
        url = text(item.spec, "url") or ""
        if match := _PAGE_OF_A_REPOSITORY.match(url) or _PAGE_OF_BITBUCKET.match(url) or _BELOW_A_REPOSITORY.match(url):
            wrong = "is a web page of the repository"
        elif (match := _REMOTE_BASE.match(url)) and match["repository"] != url:
            is_page = _AZURE.match(match["repository"])
            wrong = "is a web page of the repository" if is_page else "has a query or a fragment, as a remote base of kustomize"
        elif match := _OWNER.match(url):
            fix = f"Write {match['owner']}/<repository>.git." if is_harmless(url) else "Write what `git clone` takes."
            yield item.wrong(("spec", "url"), "names an owner, but no repository", _NO_REPOSITORY, fix)
            continue
        else:
            continue
        repository = match["repository"] if _AZURE.match(match["repository"]) else f"{match['repository'].removesuffix('.git')}.git"
        fix = f"Write {repository}, and the branch in ref." if is_harmless(repository) else "Write what `git clone` takes."
        yield item.wrong(("spec", "url"), wrong, _NO_REPOSITORY, fix)


@rule(looks_at=STACK_AND_GIT)
def chart_index_is_not_a_web_page(plan: Plan) -> Iterator[Finding]:
    """The URL of a HelmRepository is the directory of `index.yaml`: not the file itself, a web page about charts, or a registry.

    source-controller appends `/index.yaml` to it (chart_repository.go). Registries have no index: their URL begins with oci://.
    """
    for item in plan.of_kind("HelmRepository"):
        url = text(item.spec, "url") or ""
        if item.spec.get("type") != "oci" and (found := _instead_of_a_page(url)):
            wrong, consequence, fix = found
            yield item.wrong(
                ("spec", "url"), wrong, consequence, fix if is_harmless(url) else "Write the URL of the directory of index.yaml."
            )


def _instead_of_a_page(url: str) -> tuple[str, str, str] | None:
    if "${" in url:
        return None
    if match := _INDEX.match(url):
        return "is the index itself, not its directory", _NO_INDEX, f"Write {match['directory']}."
    if match := _GITEA_PAGE.match(url):
        return "is a web page of Gitea", _NO_INDEX, f"Write {match['server']}/api/packages/{match['owner']}/helm."
    if _ARTIFACT_HUB.match(url):
        return "is a page of Artifact Hub", _NO_INDEX, "Write the URL that the page shows under Install, after `helm repo add`."
    if match := _GITLAB_PAGE.match(url):
        return "is a web page of GitLab", _NO_INDEX, f"Write {match['server']}/api/v4/projects/<ID>/packages/helm/<channel>."
    if match := _DOCKER_HUB.match(url):
        return "is a page of Docker Hub, a registry", _NO_INDEX, f"Write oci://registry-1.docker.io/{match['owner']}."
    if match := _GITHUB_PACKAGE.match(url):
        return (
            "is a page of GitHub's registry",
            _NO_INDEX,
            f"Write oci://ghcr.io/{match['owner'].lower()}, with the directory of the charts.",
        )
    if match := _GITHUB_PAGE.match(url):
        return "is a web page of GitHub", _NO_INDEX, f"Write where the index is, often https://{match['owner']}.github.io/{match['name']}."
    if match := _ONLY_OCI.match(url):
        return "is a registry, which has no chart index", "Flux would never find a chart.", f"Write oci://{match['place']}."
    if url.endswith(".tgz"):
        return "is a chart, not the directory of an index", _NO_INDEX, "Write the URL without the file."
    return None
