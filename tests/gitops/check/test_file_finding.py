"""What a finding of the check says of itself, in the same words as the findings of flux."""

from flux.message import Message
from flux.object_reference import ObjectReference
from gitops.check import requirements
from gitops.check.file_finding import Severity, error, warning

LOGIN = ObjectReference("Secret", "app", "login")
WHOLE = Message("holds plain data", "Whoever reads the repository has it.", "Encrypt it.")


def test_a_finding_has_a_rule_a_severity_an_object_and_a_message() -> None:
    found = error(requirements.PLAIN_SECRET, "homelab", "a.yaml", WHOLE, 3, LOGIN)

    assert (found.rule, found.severity, found.object, found.message) == ("plain-secret", Severity.ERROR, LOGIN, WHOLE)
    assert (found.place, found.text) == ("homelab: a.yaml:3", "holds plain data. Whoever reads the repository has it. Encrypt it.")


def test_a_text_of_one_part_stays_as_it_is() -> None:
    found = warning(requirements.NO_RULE, "homelab", "", "has no rule; write one")

    assert (found.text, found.message, found.object) == ("has no rule; write one", Message("has no rule; write one"), None)
