"""Variables in a text, as Flux reads them: a port of the parser and evaluator of fluxcd/pkg/envsubst (v1.7.0, Flux 2.9).

It differs from a shell: `$NAME` is text, `$$` is a dollar sign, `${1}` is a variable, and what it cannot parse, like `${a[0]}` or
`${a-b}`, fails the whole build, whether or not variables are strict.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

_TOLERANT = frozenset({"-", "+", "=", "?", ":-", ":+", ":=", ":?"})
"""Operators that make up for a variable that is not set."""
_DEEPEST = 20
"""Expressions in one another; Flux itself has no limit, and its stack is larger."""
_LONGEST = 65_536
"""Characters of a text after substitution. A few that name one another's values could otherwise grow without end."""
_CASES: Mapping[str, Callable[[str], str]] = {
    "^^": str.upper,
    ",,": str.lower,
    "^": lambda value: value[:1].upper() + value[1:],
    ",": lambda value: value[:1].lower() + value[1:],
}


class BadSubstitutionError(ValueError):
    """What follows `${` is no expression that Flux can parse."""

    def __init__(self, beginning: str) -> None:
        """`beginning`: of the expression, short enough to be shown."""
        super().__init__(beginning)
        self.beginning = beginning


@dataclass(frozen=True)
class Expression:
    """`${NAME}`, or with an operator and what follows it."""

    name: str
    operator: str = ""
    arguments: tuple["Part", ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether it fails, with strict variables, if the variable does not exist."""
        return self.operator not in _TOLERANT


Part: TypeAlias = str | Expression


def parsed(text: str) -> list[Part]:
    """The text in parts.

    Raises:
        BadSubstitutionError: Flux could not parse it.
    """
    parts: list[Part] = []
    position = 0
    while (found := text.find("$", position)) >= 0:
        parts.append(text[position:found])
        following = text[found + 1 : found + 2]
        if following == "{":
            expression, position = _Parser(text, found).expression(found + 2, 1)
            parts.append(expression)
        else:
            parts.append("$")
            position = found + (2 if following == "$" else 1)
    return [part for part in (*parts, text[position:]) if part]


def expressions(parts: list[Part] | tuple[Part, ...]) -> Iterator[Expression]:
    """All of them, also those in the arguments of others: Flux evaluates these whether or not they are needed."""
    for part in parts:
        if isinstance(part, Expression):
            yield part
            yield from expressions(part.arguments)


def evaluated(parts: list[Part] | tuple[Part, ...], values: Mapping[str, str | None]) -> str | None:
    """The text with every variable replaced; None where a value is not known, or an operator is not followed here."""
    texts: list[str] = []
    length = 0
    for part in parts:
        text = part if isinstance(part, str) else _value(part, values)
        length += len(text or "")
        if text is None or (length > _LONGEST and len(parts) > 1):
            return None
        texts.append(text)
    return "".join(texts)


def _value(expression: Expression, values: Mapping[str, str | None]) -> str | None:
    arguments = [evaluated((part,), values) for part in expression.arguments]
    value = values.get(expression.name, "" if not expression.is_needed else None)
    if value is None or None in arguments:
        return None
    if not expression.operator:
        return value
    if expression.operator in _TOLERANT:  # Flux treats all of them as `:-`
        return value or "".join(each for each in arguments if each is not None)
    if expression.operator in _CASES:
        return _CASES[expression.operator](value)
    if expression.operator in ("/", "//") and arguments and arguments[0] is not None:
        old, new = arguments[0], (arguments[1] or "") if len(arguments) > 1 else ""
        if (len(value) + 1) * (len(new) + 1) > _LONGEST:
            return None
        return value.replace(old, new, 1 if expression.operator == "/" else -1)
    return None


class _Read(NamedTuple):
    part: Expression
    position: int


class _Parser:
    def __init__(self, text: str, start: int) -> None:
        self._text, self._start = text, start

    def expression(self, position: int, level: int) -> _Read:
        """What stands at `position`, behind `${`, and where it ends."""
        if level > _DEEPEST:
            raise self._bad()
        if self._at(position) == "#":
            name, position = self._name(position + 1)
            return self._closed(Expression(name, "#"), position)
        name, position = self._name(position)
        sign, second = self._at(position), self._at(position + 1)
        if sign == ":" and second not in "=-?+":
            return self._substring(name, position + 1, level)
        if sign == ":" or sign == "=":
            operator = sign + second if sign == ":" else sign
            return self._default(name, operator, position + len(operator), level)
        if sign and sign in ",^":
            operator = self._run(",^", position, 2)
            return self._closed(Expression(name, operator), position + len(operator))
        if sign and sign in "#%":
            operator = self._run(sign, position, 2)
            argument, position = self._argument(position + len(operator), "}", level)
            return self._closed(Expression(name, operator, (argument,)), position)
        if sign == "/":
            operator = sign + (second if second and second in "/#%" else "")
            return self._replacement(name, operator, position + len(operator), level)
        return self._closed(Expression(name), position)

    def _default(self, name: str, operator: str, position: int, level: int) -> _Read:
        arguments: list[Part] = []
        while self._at(position) != "}":
            argument, position = self._argument(position, "}", level)
            arguments.append(argument)
        return _Read(Expression(name, operator, tuple(arguments)), position + 1)

    def _substring(self, name: str, position: int, level: int) -> _Read:
        first, position = self._argument(position, ":}", level)
        if self._at(position) == "}":
            return _Read(Expression(name, ":", (first,)), position + 1)
        colons = self._run(":", position, len(self._text))
        if not colons:
            raise self._bad()
        second, position = self._argument(position + len(colons), "}", level)
        return self._closed(Expression(name, ":", (first, second)), position)

    def _replacement(self, name: str, operator: str, position: int, level: int) -> _Read:
        old, position = self._argument(position, "/", level, escapes=True)
        slashes = self._run("/", position, len(self._text))
        if not slashes:
            raise self._bad()
        position += len(slashes)
        if self._at(position) == "}":
            return _Read(Expression(name, operator, (old,)), position + 1)
        new, position = self._argument(position, "}", level, escapes=True)
        return self._closed(Expression(name, operator, (old, new)), position)

    def _argument(self, position: int, ends: str, level: int, *, escapes: bool = False) -> tuple[Part, int]:
        if self._text.startswith("${", position):
            return self.expression(position + 2, level + 1)
        letters: list[str] = []
        while (letter := self._at(position)) and not self._text.startswith("${", position):
            following = self._at(position + 1)
            if escapes and ((letter == "$" and following == "$") or (letter == "\\" and following and following in "/\\")):
                letters.append(following)
                position += 2
            elif letter in ends:
                break
            else:
                letters.append(letter)
                position += 1
        if not letters:
            raise self._bad()
        return "".join(letters), position

    def _name(self, position: int) -> tuple[str, int]:
        end = position
        while (letter := self._at(end)) and (letter.isalpha() or letter.isdecimal() or letter == "_"):
            end += 1
        if end == position:
            raise self._bad()
        return self._text[position:end], end

    def _run(self, letters: str, position: int, most: int) -> str:
        end = position
        while end - position < most and (letter := self._at(end)) and letter in letters:
            end += 1
        return self._text[position:end]

    def _closed(self, expression: Expression, position: int) -> _Read:
        if self._at(position) != "}":
            raise self._bad()
        return _Read(expression, position + 1)

    def _at(self, position: int) -> str:
        return self._text[position : position + 1]

    def _bad(self) -> BadSubstitutionError:
        return BadSubstitutionError(self._text[self._start : self._start + 30].split("\n", 1)[0])
