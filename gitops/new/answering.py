"""The interview from beginning to end: what was given as options, what the kubeconfig says, and what the person answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flux.requirement import Environment
from gitops.contexts import Reached, context_names, current_context, reached
from gitops.new import questions
from gitops.new.address import RepositoryAddress
from gitops.new.answers import Answers, Login
from gitops.new.host_keys import host_keys
from gitops.new.interview import Interview, Question, invalid, missing
from gitops.new.mistake import mistake
from gitops.new.start_over import is_there_already
from gitops.pinned_manifests import pinned
from gitops.stack_file import stack_file


@dataclass(frozen=True, kw_only=True)
class Given:
    """The options, as they were written; None for those that were not."""

    stack: str | None = None
    environment: str | None = None
    kubeconfig: Path | None = None
    context: str | None = None
    git_url: str | None = None
    branch: str | None = None
    path: str | None = None
    login: str | None = None
    username: str | None = None
    known_hosts: Path | None = None
    git_ca: Path | None = None
    age_key: str | None = None
    manifests: str | None = None


def collect(given: Given, interview: Interview, folder: Path, today: date, say: Callable[[str], None]) -> Answers:
    """Ask for what the options leave open.

    Raises:
        CommandError: an answer is invalid, the stack already has a file, or there is no terminal to ask at.
    """
    if not interview.with_a_person:
        _refuse_what_nobody_can_be_asked_about(given)
    stack = interview.answer(questions.STACK, given.stack)
    if (folder / stack_file(stack)).exists():
        raise is_there_already(folder / stack_file(stack), stack)
    environment = interview.answer(questions.ENVIRONMENT, given.environment)
    cluster = _cluster(given, interview, environment, say)
    repository = interview.answer(questions.GIT_URL, given.git_url)
    if repository.is_unencrypted and environment != "development":
        raise mistake(
            "The Git URL is fetched unencrypted",
            f"Anyone on the network could decide what runs in the cluster, which {environment} refuses.",
            "Write https:// or ssh://.",
        )
    branch = interview.answer(questions.BRANCH, given.branch)
    path = interview.answer(questions.PATH, given.path)
    login = interview.answer(questions.login(repository), given.login)
    username = interview.answer(questions.USERNAME, given.username) if login == "token" else ""
    age_key = interview.answer(questions.age_key(environment), given.age_key)
    reference = interview.answer(questions.FLUX, given.manifests)
    return Answers(
        stack=stack,
        environment=environment,
        cluster=cluster,
        repository=repository,
        branch=branch,
        path=path,
        login=login,
        username=username,
        known_hosts=_known_hosts(repository, login, given.known_hosts, say),
        authority=_authority(repository, given.git_ca),
        age_key=age_key,
        key_name=f"{today:%Y-%m}",
        manifests=pinned(reference, environment, say),
    )


def _refuse_what_nobody_can_be_asked_about(given: Given) -> None:
    known = context_names(given.kubeconfig)
    answers: tuple[tuple[Question[Any], str | None], ...] = (
        (questions.STACK, given.stack),
        (questions.ENVIRONMENT, given.environment),
        (questions.context(known) if known else questions.CONTEXT, given.context),
        (questions.GIT_URL, given.git_url),
        (questions.BRANCH, given.branch),
        (questions.PATH, given.path),
        (questions.ANY_LOGIN, given.login),
        (questions.USERNAME, given.username),
        (questions.AGE_KEY, given.age_key),
        (questions.FLUX, given.manifests),
    )
    refusals = [refusal for question, text in answers if text is not None and (refusal := question.refusal(text))]
    gaps = [question for question, text in answers if text is None and question.default is None]
    if refusals:
        raise invalid(refusals, gaps)
    if gaps:
        raise missing(gaps)


def _cluster(given: Given, interview: Interview, environment: Environment, say: Callable[[str], None]) -> Reached:
    """The cluster, read out of the kubeconfig and confirmed."""
    known = context_names(given.kubeconfig)
    if given.context is None and known:
        say(f"\n  contexts: {', '.join(known)}")
    proposed = current_context(given.kubeconfig) or (known[0] if len(known) == 1 else None)
    context = interview.answer(questions.context(known), given.context, default=proposed) if known else given.context
    found = reached(given.kubeconfig, context)
    say(f"  It reaches {found.server or 'no server'}, whose CA has the SHA-256 {found.ca_sha256 or '(not in the kubeconfig)'}.")
    if not found.server.startswith("https://"):
        raise mistake(
            f"Context {found.context} names no https:// server",
            "The cluster's credentials would be sent unencrypted.",
            "Choose another context, or correct the kubeconfig: kubectl config view --minify",
        )
    if found.ca_sha256 is None and environment != "development":
        raise mistake(
            f"Context {found.context} names no certificate authority",
            f"The stack could not distinguish this cluster from another, which {environment} refuses.",
            "Put it into the kubeconfig: kubectl config set-cluster NAME --certificate-authority ca.crt --embed-certs",
        )
    if not interview.agrees("Should the stack manage this cluster?"):
        raise mistake("This is another cluster", "Nothing was written.", "Choose its context: gitops new --context NAME")
    say("  `pulumi up` refuses every other server and CA from now on.")
    return found


def _known_hosts(repository: RepositoryAddress, login: Login, given: Path | None, say: Callable[[str], None]) -> str | None:
    if not repository.uses_ssh:
        return None
    lines, whence = host_keys(repository.base, repository.server, given)
    if lines:
        say(f"  The key of {repository.server} is from {whence}. Flux refuses a server with another key.")
    return lines


def _authority(repository: RepositoryAddress, given: Path | None) -> str | None:
    if given is None:
        return None
    if repository.uses_ssh:
        raise mistake("--git-ca is for https://, and the Git URL is ssh://", "Nothing would read it.", "Leave it out.")
    try:
        text = given.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise mistake(f"{given} cannot be read ({why})", "Flux would trust no server.", "Name a PEM file.") from None
    if "PRIVATE KEY-----" in text or "-----BEGIN CERTIFICATE-----" not in text:
        raise mistake(f"{given} is not a certificate in PEM", "Flux would trust no server.", "Name the authority's certificate, ca.crt.")
    return text.strip()
