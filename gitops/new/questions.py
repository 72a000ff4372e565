"""The questions of `gitops new`, in the order in which they are asked. Each answer's effect is one sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from flux.errors import FluxInputError
from flux.release.artifact_reference import parse_reference
from flux.release.tested import MANIFESTS, TESTED_VERSIONS
from flux.requirement import Environment
from gitops.new.address import RepositoryAddress, address
from gitops.new.answers import AgeKeyChoice, Login, is_generated
from gitops.new.interview import Question, one_of
from gitops.new.mistake import mistake
from gitops.stack_file import stack_file

INTERVAL = "10m"
"""How often Flux looks for commits, as the new catalog says."""
_NAME = re.compile(r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")
_BRANCH = re.compile(r"^[^\s~^:?*\[\\]+$")

_ENVIRONMENTS: dict[Environment, str] = {
    "production": "refuses what could change without a commit, or go unnoticed",
    "staging": "refuses all that production refuses",
    "development": "refuses little: for disposable clusters",
}
_ENVIRONMENT_EFFECTS: dict[Environment, str] = {
    "production": "A preview refuses tags without a digest, generated age keys and http:// sources.",
    "staging": "A preview refuses tags without a digest, generated age keys and http:// sources.",
    "development": "A preview accepts tags without a digest, generated age keys and http:// sources.",
}
_HTTPS_LOGINS: dict[Login, str] = {
    "public": "anyone can read the repository; no secret is needed",
    "token": "an access token with read access, as a secret of the stack",
}
_SSH_LOGINS: dict[Login, str] = {
    "deploy-key": "`pulumi up` generates an SSH key; you register its public half with the repository",
    "ssh-key": "your private key, as a secret of the stack",
}
_LOGIN_EFFECTS: dict[Login, str] = {
    "public": "Flux fetches without a login.",
    "token": "The stack asks for the token; the command that sets it is printed below. It is never asked for here.",
    "deploy-key": "Flux cannot fetch until the public half is registered; the commands are printed below.",
    "ssh-key": "The stack asks for the private key; the command that sets it is printed below. It is never asked for here.",
}
_AGE_KEYS: dict[AgeKeyChoice, str] = {
    "none": "no file of the repository is encrypted with SOPS",
    "new": "there will be encrypted files, and there is no age key yet",
    "existing": "there are encrypted files, and you have the age key that reads them",
}
_AGE_EFFECTS: dict[AgeKeyChoice, str] = {
    "none": "Flux decrypts nothing. To add a key later: docs/how-to/add-an-age-key.md.",
    "new": "Flux decrypts what is encrypted for the new key; the command that generates it is printed below.",
    "existing": "Flux decrypts what is encrypted for your key; the command that sets it is printed below.",
}


_GENERATED = "Flux decrypts what is encrypted for the new key. The stack generates the key at the first `pulumi up`."


def _stack(text: str) -> str:
    name = text.strip()
    if _NAME.match(name):
        return name
    other = re.search(r"[^-a-z0-9]", name)
    why = f"contains {other[0]!r}" if other else "begins or ends with -, or has more than 63 characters" if name else "is empty"
    raise mistake(
        f"The stack's name {why}",
        "The cluster has the same name, and Kubernetes would refuse it.",
        "Write lower-case letters, digits and -, such as homelab.",
    )


def _branch(text: str) -> str:
    if _BRANCH.match(text.strip()):
        return text.strip()
    raise mistake("The branch is not a valid name", "Flux would fetch nothing.", "Write one like main.")


def _path(text: str) -> str:
    parts = PurePosixPath(text.strip().lstrip("/")).parts
    if ".." in parts or not text.strip():
        raise mistake(
            "The path is empty, or leads out of the repository",
            "Flux would refuse it.",
            "Write one like ./clusters/homelab, or ./ for all.",
        )
    return f"./{'/'.join(parts)}"


def _manifests(text: str) -> str:
    written = text.strip()
    try:
        if not written.startswith(("./", "/")):
            parse_reference(written)
    except FluxInputError as error:
        told = error.message
        raise mistake(f"--manifests {told.wrong}", told.consequence, told.fix) from None
    return written


def _username(text: str) -> str:
    if re.fullmatch(r"[\w.@+-]+", text.strip()):
        return text.strip()
    raise mistake("The user name is not valid", "The Git server would refuse it.", "Write one like git.")


CONTEXT_OPTION = "--context NAME"
STACK = Question(
    option="STACK",
    asks="Name of the stack and the cluster",
    read=_stack,
    effect=lambda name: f"The file of stack {name} is {stack_file(name)}.",
)
ENVIRONMENT = Question(
    option="--environment NAME",
    asks="Environment",
    read=one_of(_ENVIRONMENTS, "--environment NAME"),
    effect=lambda environment: _ENVIRONMENT_EFFECTS[environment],
    default="production",
    choices=_ENVIRONMENTS,
)
CONTEXT = Question(
    option=CONTEXT_OPTION,
    asks="The cluster's context in the kubeconfig",
    read=str,
    effect=str,
)
"""For the list of what is missing; which contexts there are is known later."""
GIT_URL: Question[RepositoryAddress] = Question(
    option="--git-url URL",
    asks="URL of the Git repository with the cluster's manifests",
    read=address,
    effect=lambda found: f"Flux fetches {found.url}.",
)
BRANCH = Question(
    option="--branch NAME",
    asks="Branch",
    read=_branch,
    effect=lambda name: f"Flux applies a push to {name} within {INTERVAL}.",
    default="main",
)
PATH = Question(
    option="--path DIRECTORY",
    asks="Directory that Flux applies (./ for the whole repository)",
    read=_path,
    effect=lambda path: f"Flux applies every manifest below {path}, and deletes objects whose manifests you delete.",
)
AGE_KEY = Question(
    option="--age-key ANSWER",
    asks="Is there an age key for SOPS-encrypted files?",
    read=one_of(_AGE_KEYS, "--age-key ANSWER"),
    effect=lambda answer: _AGE_EFFECTS[answer],
    choices=_AGE_KEYS,
)
"""Where `environment` has the stack generate a new key, `age_key` says so."""
USERNAME = Question(
    option="--username NAME",
    asks="User name for the token (GitHub and Gitea accept any)",
    read=_username,
    effect=lambda name: f"Flux logs in as {name}.",
    default="git",
)
FLUX = Question(
    option="--manifests ARTIFACT",
    asks="Flux's manifests: an OCI artifact, or ./directory",
    read=_manifests,
    effect=lambda text: f"`pulumi up` installs the Flux in {text}. Tested: {', '.join(TESTED_VERSIONS)}.",
    default=MANIFESTS,
)


def context(known: Sequence[str]) -> Question[str]:
    """Which of the kubeconfig's contexts is the cluster's."""

    def read(text: str) -> str:
        if text.strip() in known:
            return text.strip()
        raise mistake(
            f"The kubeconfig has no context {text.strip()}", "It is unknown which cluster is meant.", f"Choose one of: {', '.join(known)}."
        )

    return Question(
        option=CONTEXT_OPTION,
        asks=CONTEXT.asks,
        read=read,
        effect=lambda name: f"The context {name} is read; nothing is sent to the cluster.",
    )


def age_key(environment: Environment) -> Question[AgeKeyChoice]:
    """The question about the age key: a new one is generated by a person, or by the stack of a disposable cluster."""
    if not is_generated("new", environment):
        return AGE_KEY
    return replace(AGE_KEY, effect=lambda answer: _GENERATED if answer == "new" else _AGE_EFFECTS[answer])


def login(repository: RepositoryAddress) -> Question[Login]:
    """How the repository is fetched: over SSH always with a key."""
    choices: Mapping[Login, str] = _SSH_LOGINS if repository.uses_ssh else _HTTPS_LOGINS
    return Question(
        option=LOGIN_OPTION,
        asks="How Flux may fetch it",
        read=one_of(choices, LOGIN_OPTION),
        effect=lambda answer: _LOGIN_EFFECTS[answer],
        choices=choices,
    )


LOGIN_OPTION = "--login ANSWER"
ANY_LOGIN = Question(
    option=LOGIN_OPTION,
    asks="how Flux may fetch it",
    read=one_of({**_HTTPS_LOGINS, **_SSH_LOGINS}, LOGIN_OPTION),
    effect=str,
    choices={**_HTTPS_LOGINS, **_SSH_LOGINS},
)
"""For the list of what is missing, where the URL may be missing, too."""
