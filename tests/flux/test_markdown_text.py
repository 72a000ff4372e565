"""No text can act as Markdown, HTML, a mention or a link: a parser of CommonMark finds it whole, as code."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from flux.markdown_text import code_block, code_span
from flux.visible_text import visible, visible_lines

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = (
    "", " ", "  ", "`", "``", "` `", " a ", "`a", "a`", "\n", "a\nb", "\r", "\x00", "\x1b[2J", "\u202e", "\ud800",
    "@admin", "<img src=x onerror=y>", "</details>", "--> <!--", "[a](http://b)", "![a](http://b)", "http://b", "#1", "org/name#1",
    "|a|b|", "\\`", "\\", "&lt;", "&#96;", "~~~", "```", "````\n# x", "* a", "# a", "> a", "$x$", ":tada:", "0" * 40,
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(), st.text(alphabet="`~ \n<>|*_[]()!@#&;:\\-a"))


def inline(markdown: str) -> list[Token]:
    found = [token for token in PARSER.parse(markdown) if token.type == "inline"]
    assert len(found) == 1, markdown
    return found[0].children or []


@settings(max_examples=60)
@given(TEXTS, TEXTS)
@example("`", "`")
@example(" ` ", "``")
def test_a_text_in_a_sentence_is_one_piece_of_code(first: str, second: str) -> None:
    children = inline(f"* stack {code_span(first)}: {code_span(second)}, from")
    assert [(child.type, child.content) for child in children] == [
        ("text", "stack "),
        ("code_inline", visible(first) or '""'),
        ("text", ": "),
        ("code_inline", visible(second) or '""'),
        ("text", ", from"),
    ]


@settings(max_examples=60)
@given(TEXTS)
@example("```\n````\n")
def test_a_block_ends_where_it_should(text: str) -> None:
    tokens = PARSER.parse(f"before\n\n{code_block(text, 'diff')}\n\nafter")
    assert [token.type for token in tokens if token.type in ("fence", "inline", "html_block")] == ["inline", "fence", "inline"]
    fence = next(token for token in tokens if token.type == "fence")
    assert fence.info == "diff"
    assert fence.content.removesuffix("\n") == visible_lines(text).removesuffix("\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_mark_of_it_is_left_outside_of_code(text: str) -> None:
    html = PARSER.render(f"<details><summary>Fields</summary>\n\n{code_block(text)}\n\n</details>\n\n{code_span(text)}")
    assert "<img" not in html
    assert html.count("</details>") == 1
    assert "<a " not in html
