"""A list that a forge gives in pages: read to its end, which must come."""

import time
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from gitops.forges.client import LISTING_SECONDS, MOST_PAGES, Answer, ForgeClient


class Listed(Protocol):
    """An entry of such a list."""

    @property
    def id(self) -> int:
        """By which it is known when it comes again."""


ListedT = TypeVar("ListedT", bound=Listed)


def entries_of_pages(
    client: ForgeClient,
    what: str,
    ask: Callable[[int], Answer],
    read: Callable[[Answer], Iterable[ListedT]],
    is_last: Callable[[Answer, int], bool],
) -> list[ListedT]:
    """The entries of all pages. `ask`: for a page, from 1; `is_last`: by the page, and by how many entries are known with it.

    Raises:
        CommandError: the pages do not come to an end; or what `ask` and `read` raise.
    """
    found: list[ListedT] = []
    known: set[int] = set()
    until = time.monotonic() + LISTING_SECONDS
    for number in range(1, MOST_PAGES + 1):
        answer = ask(number)
        page = list(read(answer))
        if not page:
            return found
        found += (each for each in page if each.id not in known)  # one may move to the next page while they are read
        if all(each.id in known for each in page):
            raise client.not_its_api(f"page {number} of the {what} repeats earlier ones")
        known.update(each.id for each in page)
        if is_last(answer, len(known)):
            return found
        if time.monotonic() > until:
            raise client.not_its_api(f"the list of {what} takes longer than {LISTING_SECONDS:.0f} s")
    raise client.not_its_api(f"the list of {what} has more than {MOST_PAGES} pages")
