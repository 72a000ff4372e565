"""The table of flags says what the controllers themselves say. Only the controllers of the newest minor are built."""

import re
import subprocess

import pytest

from devcluster.controllers.pod_command import CONTROLLERS
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool
from flux.release.known_flags import flags_of, gates_of

PFLAG = {
    "string": "text", "strings": "texts", "stringArray": "texts", "": "switch", "int": "whole", "uint8": "uint8", "uint16": "uint16",
    "float32": "number", "duration": "duration", "mapStringBool": "gates",
}  # fmt: skip
LINE = re.compile(r"^ +(?:-\w, )?--(?P<name>[\w-]+)(?: (?P<type>\w+))?(?:  +|$)", re.MULTILINE)


def said(controller: str, *arguments: str) -> str:
    program = entry(load_tool(controller)) / "bin" / controller
    done = subprocess.run([str(program), *arguments], env={}, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_the_table_has_every_flag_that_a_controller_lists_with_its_type_and_no_other(controller: str) -> None:
    listed = {found["name"]: PFLAG[found["type"] or ""] for found in LINE.finditer(said(controller, "--help"))}

    assert listed == dict(flags_of(controller))


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_a_controller_takes_every_gate_of_the_table_and_refuses_another(controller: str) -> None:
    gates = [f"--feature-gates={gate}=false" for gate in sorted(gates_of(controller))]

    assert "not supported" not in said(controller, *gates), "it ends later, because it finds no cluster"
    assert "feature-gate 'Nope' not supported" in said(controller, *gates, "--feature-gates=Nope=true")
