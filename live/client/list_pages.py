"""The pages of a list of an API server, one after another until the last."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from live.client.answer_model import ListPage, MalformedAnswerError, fitting
from live.client.bounded_client import RefusedRequestError

_GONE = 404


PageT = TypeVar("PageT", bound=ListPage)
Query = dict[str, str | int]


def pages_of(model: type[PageT], path: str, query: Query, ask: Callable[[str, Query], Any]) -> Iterator[PageT]:
    """Each page at `path`; none where the kind is not there: its CRD is just coming or going.

    Raises:
        MalformedAnswerError: a page does not fit `model`, or the pages go round in a circle.
    """
    seen: set[str] = set()
    query = dict(query)
    while True:
        try:
            page = fitting(model, ask(path, query), path)
        except RefusedRequestError as error:
            if error.status == _GONE:
                return
            raise
        yield page
        following = page.metadata.next_page
        if not following:
            return
        if following in seen:
            raise MalformedAnswerError(f"{path} begins again after its last page")
        seen.add(following)
        query["continue"] = following
