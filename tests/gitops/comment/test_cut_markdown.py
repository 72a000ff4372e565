"""A cut text is within its limit, and leaves nothing open."""

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gitops.comment.cut_markdown import cut

FOLD = "<details><summary>x</summary>"
KINDS = ("", "word", "* item `code`", "```diff", "```", "````text", "````", "+ a ``` b", "ä" * 30, FOLD, "</details>", "### head")
LINES = st.lists(st.sampled_from(KINDS), max_size=60)


@settings(max_examples=60)
@given(LINES, st.integers(min_value=120, max_value=1500))
def test_a_text_of_any_lines(lines: list[str], limit: int) -> None:
    text = "\n".join(lines)
    found = cut(text, limit, lambda left: f"\nCUT {left}\n")

    assert len(found.encode()) <= limit
    if len(text.encode()) <= limit:
        assert found == text
        return
    tokens = [token for token in MarkdownIt().parse(found) if token.type in ("inline", "fence", "html_block")]
    assert tokens[-1].type == "inline", "what is said at the end stands outside of code"
    assert tokens[-1].content.startswith("CUT ")


def test_as_much_as_fits_is_kept() -> None:
    text = "\n".join(f"line {number}" for number in range(100))
    found = cut(text, 200, lambda left: f"\n{left} left\n")
    kept = found.count("line ")
    assert 15 <= kept <= 25
    assert found.endswith(f"\n{100 - kept} left\n")


def test_one_line_that_is_too_long_is_left_out_whole() -> None:
    assert cut("a\n" + "b" * 300 + "\nc", 100, lambda left: f"{left} left") == "a\n2 left"


def test_a_fence_in_the_middle_of_html_is_none() -> None:
    text = "\n".join((FOLD, "```diff", *[""] * 100))
    found = cut(text, 120, lambda left: f"\nCUT {left}\n")
    assert [token.type for token in MarkdownIt().parse(found)][-2] == "inline"
    assert "```" not in found.removeprefix(f"{FOLD}\n```diff\n")
