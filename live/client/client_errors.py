"""What an API server's refusal, or its silence, means for a person: never a header, never a body beyond the server's own message."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from urllib3.exceptions import HTTPError

from flux.message import Message
from flux.secret_shapes import without_tokens
from flux.short_text import one_line, trim_middle
from live.access.target import Target
from live.client.answer_model import MalformedAnswerError
from live.client.bounded_client import LoginError, RefusedRequestError, SlowServerError
from live.errors import LiveError, UnreachableError

_CONNECTION = re.compile(r"^HTTPS?Connection\w*\([^)]*\): ")
NOTHING_READ = "Nothing could be read."
NOT_DONE = "The object is as it was."
_CORRECT = "Correct what it names."
_ANEW = "A field that can never change needs a new object: delete it, and `pulumi up` makes it again."
_INVALID = 422
_REFUSALS = (400, 409, 413, _INVALID)
"""Of what was sent, by the server's validation or an admission policy. Anything else is about the request, which is this program's."""


class ClientErrors:
    """The errors of one cluster's client as those of this room."""

    def __init__(self, target: Target, said_on_login: str = "") -> None:
        """`said_on_login`: what an exec plugin complained about."""
        self.target = target
        self.where = f"{target.server} ({target})"
        self._said_on_login = said_on_login

    @contextmanager
    def told(self, may_not: Callable[[str], LiveError]) -> Iterator[None]:
        """Raise LiveError in place of the client's own errors; `may_not` makes that of a 403 from the server's words.

        Nothing else is caught: a KeyError is a mistake in this program, and is not to look like the server's.
        """
        try:
            yield
        except RefusedRequestError as error:
            raise may_not(error.said) if error.status == 403 else self._refused(error) from None
        except MalformedAnswerError as error:
            raise self._no_api_server(error.wrong) from None
        except LoginError as error:
            fix = f"Check it. Run: {self.target.kubectl('auth whoami')}"
            raise LiveError(self.where, Message(f"cannot be asked: {error}", NOTHING_READ, fix)) from None
        except (HTTPError, SlowServerError) as error:
            raise self._unreachable(str(error)) from None

    def _refused(self, error: RefusedRequestError) -> LiveError:
        if error.status == 401:
            login = f". Logging in said: {self._said_on_login}" if self._said_on_login else ""
            fix = f"Renew them, and check. Run: {self.target.kubectl('auth whoami')}"
            return LiveError(self.where, Message(f"does not accept the credentials (401){login}", NOTHING_READ, fix))
        if error.status >= 500 or error.status == 429:
            return self._unreachable(f"{error.status} {error.said}")
        if error.is_status and error.status in _REFUSALS:
            fix = f"{_CORRECT} {_ANEW}" if error.status == _INVALID else _CORRECT
            return LiveError(self.where, Message(f"refuses the change: {error.said} ({error.status})", NOT_DONE, fix))
        return self._no_api_server(f"{error.status} {error.said}")

    def _no_api_server(self, why: str) -> LiveError:
        fix = f"Check the server's address. Run: {self.target.kubectl('config view --minify')}"
        return LiveError(self.where, Message(f"answers, but not as a Kubernetes API server does ({why})", NOTHING_READ, fix))

    def _unreachable(self, why: str) -> UnreachableError:
        shown = trim_middle(without_tokens(_CONNECTION.sub("", one_line(why))), 300)
        # `up` has no option: the stack file names its context, and the kubeconfig is KUBECONFIG's or the stack's secret.
        another = "choose another with --context" if self.target.is_option else "correct gitops:cluster.context in the stack file"
        fix = f"Start the cluster (the embedded one: make demo) or {another}. To check, run: {self.target.kubectl('cluster-info')}"
        return UnreachableError(self.where, Message(f"cannot be reached: {shown}", "The state of the cluster is unknown.", fix))
