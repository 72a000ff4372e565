"""The addresses of sources: whether each names a server that could be connected to, in the form that Flux reads, without a login.

What a browser shows is another module's: flux/rules/web_pages.py.
"""

import re
from collections.abc import Iterator

from flux.addresses import address_of, is_host_and_port
from flux.any_shape import is_harmless, shown, text
from flux.finding import STACK_AND_GIT, Finding
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule
from flux.unreachable_url import NO_SERVER, wrong_url

_SCP_LIKE = re.compile(r"^(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>(?!//)[^\s:@]+)$")
_SSH_WITH_COLON = re.compile(r"^ssh://(?P<authority>(?:[\w.-]+@)?[\w.-]+):(?P<path>(?!\d+(?:/|$))[^\s:@]+)$")
_OF_A_SERVER = re.compile(r"^(https?|ssh|oci)://")
_LETTERS_OF_A_VARIABLE = re.compile(r"\$\{[^}]*\}")


@rule(looks_at=STACK_AND_GIT)
def address_names_a_server(plan: Plan) -> Iterator[Finding]:
    """The address of a source or an image has a host, and if it has a port, one from 1 to 65535.

    The CRDs require only a scheme, so Flux's controllers would fail when they connect: `https://[::1`, `https://host:99999`.
    URLs are read as in RFC 3986. A Bucket's `endpoint` is only host and port (minio-go), except for Azure, where it is a URL.
    """
    for item in plan.of_kind("GitRepository", "HelmRepository", "OCIRepository"):
        url = text(item.spec, "url") or ""
        if _OF_A_SERVER.match(url) and wrong_url(url) and not _SSH_WITH_COLON.match(url):
            yield item.wrong(("spec", "url"), NO_SERVER.wrong, NO_SERVER.consequence, NO_SERVER.fix)
    for item in plan.of_kind("Bucket"):
        yield from _of_a_bucket(item)
    for item in plan.of_kind("ImageRepository"):
        image = text(item.spec, "image") or ""
        registry, slash, _ = image.partition("/")
        if slash and set(registry) & set(".:[") and "://" not in image and not is_host_and_port(registry):
            yield item.wrong(("spec", "image"), NO_SERVER.wrong, NO_SERVER.consequence, "Write host/path or host:port/path.")


def _of_a_bucket(item: PlannedObject) -> Iterator[Finding]:
    endpoint = text(item.spec, "endpoint")
    if endpoint is None or is_host_and_port(endpoint):
        return
    if text(item.spec, "provider") == "azure":
        if address_of(endpoint) is None:
            yield item.wrong(("spec", "endpoint"), NO_SERVER.wrong, NO_SERVER.consequence, NO_SERVER.fix)
    elif "://" in endpoint:
        fix = "Write host or host:port; for http://, add insecure: true."
        yield item.wrong(("spec", "endpoint"), "is a URL, not host and port", "Flux would refuse to fetch.", fix)
    else:
        yield item.wrong(("spec", "endpoint"), NO_SERVER.wrong, NO_SERVER.consequence, "Write host or host:port.")


@rule(looks_at=STACK_AND_GIT)
def git_url_is_a_url(plan: Plan) -> Iterator[Finding]:
    """The address of a Git repository is a URL, not `git@host:path`.

    Git itself accepts the short form of scp, but Flux does not (GitRepository docs, "URL"). In an ssh:// URL, a port follows that
    colon.
    """
    for item in plan.of_kind("GitRepository"):
        url = text(item.spec, "url") or ""
        if match := _SCP_LIKE.match(url):
            yield item.wrong(
                ("spec", "url"),
                f"{shown(url)} is in the short form of scp, not a URL",
                "The API server would refuse the GitRepository.",
                _write(f"{match['user']}@{match['host']}", match["path"]),
            )
        elif match := _SSH_WITH_COLON.match(url):
            yield item.wrong(
                ("spec", "url"),
                f"{shown(url)} has a colon after the host, as in the short form of scp",
                "Flux would read a port after it.",
                _write(match["authority"], match["path"]),
            )


@rule(looks_at=STACK_AND_GIT)
def oci_repository_is_in_lower_case(plan: Plan) -> Iterator[Finding]:
    """The path of an oci:// URL, and that of an image, has no capital letters.

    Registries know names in lower case only, and the clients refuse any other (go-containerregistry `name.NewRepository`, ORAS in Helm).
    """
    for item in plan.of_kind("OCIRepository", "HelmRepository", "ImageRepository"):
        key = "image" if item.kind == "ImageRepository" else "url"
        written = text(item.spec, key) or ""
        if key == "url" and not written.startswith("oci://"):
            continue
        start, slash, path = written.removeprefix("oci://").partition("/")
        if _LETTERS_OF_A_VARIABLE.sub("", path) == _LETTERS_OF_A_VARIABLE.sub("", path).lower():
            continue
        instead = f"{'oci://' if key == 'url' else ''}{start}{slash}{path.lower()}"
        yield item.wrong(
            ("spec", key),
            "has capital letters in its path",
            "Registries have names in lower case only: Flux would refuse to fetch.",
            f"Write {instead}." if is_harmless(instead) else "Write it in lower case.",
        )


@rule(looks_at=STACK_AND_GIT)
def url_holds_no_password(plan: Plan) -> Iterator[Finding]:
    """The URL of a source holds no password.

    It would be in plain text in the object, the preview and the state. Flux reads it from the Secret that `secretRef` names.
    """
    for item in plan.of_kind("GitRepository", "HelmRepository", "OCIRepository"):
        authority = (text(item.spec, "url") or "").partition("://")[2].split("/", 1)[0]
        user = authority.rpartition("@")[0]
        if ":" in user or not is_harmless(user):
            yield item.wrong(
                ("spec", "url"),
                "holds a password",
                f"Everyone who can read the {item.kind}, the preview or the state would see it.",
                f"Remove it from the URL, and name {_login_for(item, plan.written_as(item, 'secretRef'))}.",
            )


def _login_for(item: PlannedObject, key: str) -> str:
    """What holds the login instead: a credential where the catalog's entry names it by `key`, else a Secret."""
    is_registry = item.kind == "OCIRepository"
    if key != "secretRef":
        return f"a credential of type {'registry' if is_registry else 'basic'} under {key}"
    return f"a Secret {'of type kubernetes.io/dockerconfigjson' if is_registry else 'with username and password'} in secretRef"


def _write(authority: str, path: str) -> str:
    url = f"ssh://{authority}/{path.lstrip('/')}"
    return f"Write {url}." if is_harmless(url) else "Write ssh://<user>@<host>/<path>."
