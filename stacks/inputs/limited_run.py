"""Whether Pulumi was asked to apply only a part of the stack, as far as a program can know it.

The engine runs the whole program all the same, and does not pass it `--target` and `--exclude` (pulumi's proto/pulumi/language.proto,
`RunRequest`). What the environment has is known: Pulumi takes options from it, and `gitops up` says there which options it was given.
"""

import os
import re
from collections.abc import Iterable, Mapping

LIMITED_RUN = "GITOPS_LIMITED_RUN"
"""The variable that `gitops up` sets: the options that limit the run."""
_OPTION = re.compile(r"(--(?:target|exclude)(?:-[a-z]+)*)(?:=.*)?", re.DOTALL)
_SHORT = re.compile(r"-[dfjry]*t.*", re.DOTALL)
"""`-t URN`, also joined to short options that take no value."""


def limiting_options(given: Iterable[str]) -> str:
    """The options among those for `pulumi up` that limit it, without their values; empty where none does."""
    found = [match[1] for option in given if (match := _OPTION.fullmatch(_long(option)))]
    return ", ".join(dict.fromkeys(found))


def limited_by(environment: Mapping[str, str] | None = None) -> str:
    """The options that limit this run, as far as the environment has them; empty where none is known."""
    environment = os.environ if environment is None else environment
    as_variables = [each for each in ("--target", "--target-replace", "--exclude") if environment.get(_variable(each))]
    return environment.get(LIMITED_RUN) or ", ".join(as_variables)


def _long(option: str) -> str:
    return "--target" if _SHORT.fullmatch(option) else option


def _variable(option: str) -> str:
    """Under which name Pulumi takes an option from the environment."""
    return f"PULUMI_OPTION_{option.removeprefix('--').replace('-', '_').upper()}"
