"""The form that every message has."""

import re

from flux.message import Message

ABOUT_A_LINE = 140
"""The names in it come on top of the hundred characters that its own words take."""
_PATH = re.compile(r"(?<!\S)/\S+/")
"""A temporary folder, as long as the machine makes it."""


def assert_well_formed(message: Message) -> None:
    """What is wrong goes on after the name of a key; what follows are sentences."""
    assert not message.wrong.endswith("."), message
    assert message.wrong[:1].islower() or not message.wrong[:1].isalpha() or message.wrong.startswith(("API", "STS")), message
    assert message.fix, f"nobody knows what to write: {message}"
    for sentence in (message.consequence, message.fix):
        assert sentence[:1].isupper() or sentence[:1] in ("`", ""), message
        # A command stands at the end as it is to be run.
        assert sentence.endswith((".", "?")) or "run: " in sentence or not sentence, message
    told = (_PATH.sub("", part) for part in (message.wrong, message.consequence, message.fix))
    assert max(map(len, told)) <= ABOUT_A_LINE + 20, message
