"""Variables as Flux reads them: each case was tried with fluxcd/pkg/envsubst."""

import pytest

from gitops.check.follow.envsubst import BadSubstitutionError, evaluated, expressions, parsed

VALUES = {"A": "one.two", "B": "", "LOWER": "dev", "PATTERN": "."}


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("a $A $$A $${A} $$${A} $", "a $A $A ${A} $one.two $"),
        ("${A}-${A}", "one.two-one.two"),
        ("${B:-x}${B:=y}${B:+z}${B=w}${N:-${A}!}", "xyzwone.two!"),
        ("${A:-x}", "one.two"),
        ("${A/./-} ${A//[/} ${A//o/0} ${A/${PATTERN}/_}", "one-two one.two 0ne.tw0 one_two"),
        ("${LOWER^} ${LOWER^^} ${LOWER,,}", "Dev DEV dev"),
        ("x{}y}", "x{}y}"),
    ],
)
def test_what_is_known_is_replaced(text: str, replaced: str) -> None:
    assert evaluated(parsed(text), VALUES) == replaced


@pytest.mark.parametrize(
    "text", ["${N}", "${N^^}", "${#N}", "${N/a/b}", "${N:1}", "${N:1:2}", "${N#*/}", "${N%%x}", "${A:-${N}}", "${1}${N}"]
)
def test_what_needs_a_value_is_named(text: str) -> None:
    needed = {each.name for each in expressions(parsed(text)) if each.is_needed}
    assert needed - {"A", "1"} == {"N"}
    assert evaluated(parsed(text), VALUES) is None


@pytest.mark.parametrize(
    "text", ["${}", "${ A }", "${A", "${A:-", "${a[0]}", "${a-b}", "${a+b}", "${a?b}", "${!A}", "${A/b}", "${{ A }}", "${A#}"]
)
def test_what_flux_cannot_parse_fails_the_build(text: str) -> None:
    with pytest.raises(BadSubstitutionError, match=r"^\$\{"):
        parsed(f"before {text}")


@pytest.mark.parametrize("text", ["${A:-" * 100_000, "${A/" + "y" * 200_000])
def test_a_hostile_text_ends(text: str) -> None:
    with pytest.raises(BadSubstitutionError):
        parsed(text)


@pytest.mark.parametrize("text", ["${A}" * 100_000, "${A//x/${A}}", "${A}${A:-${B:-${C}}}" * 100])
def test_a_text_does_not_grow_without_end(text: str) -> None:
    assert evaluated(parsed(text), {"A": "x" * 1000}) is None
