"""What is wrong with a repository's .sops.yaml, which affects files that are encrypted later."""

from collections.abc import Iterator, Mapping

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.plain_secrets import LOOKS_ENCRYPTED
from gitops.check.repository.creation_rules import SECRET_PARTS, CreationRule, SopsConfig
from gitops.check.repository.documents import text
from gitops.check.repository.sops_file import SopsFile, sops_file
from gitops.check.repository.tree import Tree

_SHOWN_FILES = 3


def config_findings(tree: Tree, needed: Mapping[str, SopsFile], keys: ClusterKeys) -> Iterator[FileFinding]:
    """`needed` are the encrypted files that the cluster reads."""
    config = SopsConfig(tree)
    files = [file for file in tree.files if LOOKS_ENCRYPTED.search(file) or sops_file(tree, file) is not None]
    if files and not config:
        told = Message(
            "has no .sops.yaml",
            f"Everyone who edits {_listed(files)} would have to know the recipients.",
            "Commit the one that the stack prints: pulumi stack output sopsConfig",
        )
        yield warning(requirements.NO_RULE, tree.name, "", told)
        return
    for file in config.broken:
        told = Message("is not YAML", "sops could not encrypt anything with it.", "Correct its syntax.")
        yield error(requirements.NOT_YAML, tree.name, file, told, tree.not_yaml.get(file, 0))
    if config.broken:
        return
    for each in config.rules:
        for field in each.refused_patterns:
            told = Message(
                f"has {'an' if field[0] in 'eu' else 'a'} {field} that sops cannot compile",
                "sops would refuse to encrypt or update every file that no earlier rule matches.",
                "Write it as a regular expression of Go, which has no lookaround, such as (?!…), and no \\1.",
            )
            yield warning(requirements.NO_RULE, tree.name, each.file, told, each.line)
    covered: dict[int, tuple[CreationRule, list[str]]] = {}
    for file in files:
        rule = config.rule_for(file)
        if rule is None:
            told = Message(
                "is not covered by a rule in .sops.yaml",
                "sops could neither re-encrypt it nor update its keys.",
                "Widen a path_regex, or rename the file to *.sops.yaml.",
            )
            yield warning(requirements.NO_RULE, tree.name, file, told)
            continue
        covered.setdefault(id(rule), (rule, []))[1].append(file)
        if (nearest := config.nearest(file)) != rule.file:
            told = Message(
                f"is not covered by a rule in {nearest}, only by one in {rule.file}",
                f"sops reads the nearest file and no other: run in {nearest.rpartition('/')[0]}, it would refuse to encrypt or update it.",
                f"Move the rules of {nearest} to {rule.file}, or add one for it.",
            )
            yield warning(requirements.NO_RULE, tree.name, file, told)
    for rule, its_files in covered.values():
        yield from _judged(tree, rule, its_files, needed, keys)


def _judged(tree: Tree, rule: CreationRule, files: list[str], needed: Mapping[str, SopsFile], keys: ClusterKeys) -> Iterator[FileFinding]:
    objects = [file for file in files if _is_object(tree, file, needed)]
    if objects and rule.hides_descriptions:
        told = Message(
            f"encrypts objects ({_listed(objects)}) including their kind and name",
            "Flux could not identify them.",
            "Add to the rule: encrypted_regex: ^(data|stringData)$",
        )
        yield error(requirements.RULE_ENCRYPTS_METADATA, tree.name, rule.file, told, rule.line)
    yield from _left_plain(tree, rule, [file for file in files if _is_secret(tree, file)])
    newest = keys.newest
    read = [file for file in files if file in needed]
    if not read or newest is None or keys.staying[newest] in rule.recipients or rule.other_keys & keys.others:
        return
    old = sorted(name for name, recipient in keys.staying.items() if recipient in rule.recipients)
    told = Message(
        f"encrypts {_listed(read)} for "
        + (f"{', '.join(old)}, not for the newest key" if old else "none of the remaining keys of this cluster"),
        "Every new file would still need the old key." if old else "The cluster could not read newly encrypted files.",
        f"Add {newest}'s recipient to `age`: {keys.staying[newest]}. Then run `sops updatekeys` on each file.",
    )
    make = warning if old else error
    yield make(requirements.RULE_LACKS_NEWEST_KEY, tree.name, rule.file, told, rule.line)


def _left_plain(tree: Tree, rule: CreationRule, secrets: list[str]) -> Iterator[FileFinding]:
    plain = rule.plain_parts
    if not secrets or not plain:
        return
    told = Message(
        f"does not encrypt {' and '.join(plain)} of Secrets ({_listed(secrets)})",
        "Everyone who can read the repository could read what is added there.",
        "Write encrypted_regex: ^(data|stringData)$ in the rule, then decrypt these files, and encrypt them again.",
    )
    make = error if plain == list(SECRET_PARTS) else warning
    yield make(requirements.RULE_LEAVES_PLAIN, tree.name, rule.file, told, rule.line)


def _is_secret(tree: Tree, file: str) -> bool:
    documents = tree.documents(file) if file.endswith((".yaml", ".yml", ".json")) else None
    return any(text(each.value, "kind") == "Secret" for each in documents or [])


def _is_object(tree: Tree, file: str, needed: Mapping[str, SopsFile]) -> bool:
    if file in needed:
        return needed[file].is_object
    documents = tree.documents(file) if file.endswith((".yaml", ".yml")) else None
    return any(text(each.value, "apiVersion") and text(each.value, "kind") for each in documents or [])


def _listed(files: list[str]) -> str:
    return ", ".join(files[:_SHOWN_FILES]) + (f" and {len(files) - _SHOWN_FILES} more" if len(files) > _SHOWN_FILES else "")
