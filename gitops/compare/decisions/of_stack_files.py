"""Files that Pulumi and `gitops check` read themselves: Pulumi.yaml, what is outside `config`, the record, and what verifies Flux."""

from collections.abc import Iterator

from gitops.compare.decisions.of_sealed_values import PROVIDER
from gitops.compare.found_changes import Decision
from gitops.compare.own_words import coded
from gitops.compare.record_losses import losses
from gitops.compare.sentence import NOWHERE, Sentence, joined
from gitops.compare.stack_pair import Pair, at_place
from gitops.rendered.stack_files import FileValue, FileValues, StackFiles
from stacks.contract.names import PREFIX

_SAYS_NOTHING = ("description", "author", "website", "license", "template")
"""Keys of Pulumi.yaml that change nothing of what a command does."""
_OF_PROJECT = {
    "runtime": "`pulumi up` runs the program differently, which is not compared",
    "main": "`pulumi up` runs a different program, which is not compared",
    "plugins": "`pulumi up` runs different provider programs, with the cluster's login",
    "packages": "`pulumi up` runs different provider programs, with the cluster's login",
    "backend": "`pulumi up` keeps its state elsewhere: anyone who can read that place has it, and what the stack made is not known there",
    "name": "Pulumi looks for the state of a different project, which does not have what this one made",
    "stackConfigDir": "Pulumi reads stack files of a different directory, which are not compared",
    "config": "Pulumi reads stack files of a different directory, which are not compared",
}
_GIVEN = {f"{PREFIX}takeOver": ": `pulumi up` then overwrites objects of the owners that it names"}
"""What a setting does that is easily overlooked there."""
_ESC, _PROVIDER = "environment", "kubernetes:"


def decisions_of_stack_files(pair: Pair) -> Iterator[Decision]:
    """File by file."""
    before, after = pair.files
    for kind, text, source in (*_of_project(before, after), *_of_stack_file(before, after), *_of_others(before, after)):
        yield Decision(kind=kind, says=text, source=source)


def _of_project(before: StackFiles, after: StackFiles) -> Iterator[tuple[str, Sentence, Sentence]]:
    for key, place in _changed(before.instead, after.instead):
        if key in after.instead:
            then = "stack files that end in .json. Read those: what this comment says about .yaml files counts only if {} is removed"
            text = coded(f"This comment cannot tell what `pulumi up` does: Pulumi reads {{}} instead of Pulumi.yaml, and {then}", key, key)
            yield "project-file", text, place
    for key, place in _changed(before.project, after.project):
        if key in _SAYS_NOTHING:
            continue
        section, _, given = key.partition(".")
        if given:
            text = coded(
                f"Every stack without a {{}} of its own gets it from Pulumi.yaml{_GIVEN.get(given, '')}, which is not compared", given
            )
        else:
            then = _OF_PROJECT.get(section, "`pulumi up` may do something else")
            text = coded(f"{then}: {{}} in Pulumi.yaml changes", key)
            if key == "main":
                shown = [coded("{}", each.main) if each.main else coded("the directory of Pulumi.yaml") for each in (before, after)]
                text = joined([joined([text, coded("from")], " "), shown[0], coded("to"), shown[1]], " ")
        yield "project-file", text, place


def _of_stack_file(before: StackFiles, after: StackFiles) -> Iterator[tuple[str, Sentence, Sentence]]:
    for key, place in _changed(before.beside, after.beside):
        if key == _ESC:
            what = "no longer gets" if key not in after.beside else "gets"
            yield "stack-file", coded(f"The stack {what} settings and variables from Pulumi ESC ({{}}): they are not compared", key), place
        elif key not in PROVIDER:
            yield "stack-file", coded("{} is outside the stack's settings and changes: only Pulumi reads it", key), place
    for key, place in _changed(before.settings, after.settings):
        if key.startswith(_PROVIDER):
            words = "{} changes, but only Pulumi's default provider uses it, and this program sets up its own, from {}"
            yield "provider-setting", coded(words, key, f"{PREFIX}cluster"), place
        elif not key.startswith(PREFIX):
            then = "Pulumi or a provider may do something else"
            yield "stack-file", coded(f"{then}: {{}} changes, which is not a setting of this program", key), place
    for key, name in after.variables.items():
        if key in before.variables and before.variables[key] != name:
            words = "{} takes its value from the variable {} instead of {}: only who runs `pulumi up` knows it"
            yield "stack-file", coded(words, key, name, before.variables[key]), NOWHERE


def _of_others(before: StackFiles, after: StackFiles) -> Iterator[tuple[str, Sentence, Sentence]]:
    for name, place in _changed(before.committed, after.committed):
        if name in before.committed and name in after.committed:
            yield "manifests", coded("Different signatures of Flux's manifests may be accepted: {} changes", name), place
    if before.record is None or before.record == after.record:
        return
    if after.record is None:
        text = coded(
            "{} is deleted. Without it, nothing stops a change that removes an age key which files in Git still need", before.record_name
        )
        yield "record", text, NOWHERE
    elif told := list(losses(before.record, after.record)):
        head = [coded("In {}, this change", after.record_name), joined(told, " and ")]
        what = "`gitops check` writes that file, which records which encrypted file needs which age key"
        tail = coded(
            f"{what}. If an entry is wrong, a later change can remove a key that is still needed, "
            "and Flux can then no longer decrypt the file: "
            "run `gitops check` and compare"
        )
        yield "record", joined([joined(head, " "), tail], ". "), NOWHERE


def _changed(before: FileValues, after: FileValues) -> Iterator[tuple[str, Sentence]]:
    for key in (*before, *(key for key in after if key not in before)):
        if before.get(key) != after.get(key):
            yield key, _place(after.get(key))


def _place(written: FileValue | None) -> Sentence:
    return at_place(written.place) if written else NOWHERE
