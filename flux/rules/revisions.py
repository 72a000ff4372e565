"""Which revision of a source Flux fetches: branches and tags by their own names, whole hashes, ranges of versions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flux.any_shape import at, is_harmless, shown, text
from flux.finding import GIT, STACK_AND_GIT, Finding
from flux.key_path import KeyPath
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule
from flux.semver_range import is_range
from flux.sha256_digest import DIGEST

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_HEX = re.compile(r"[0-9a-f]+")
_IN_CHECKOUT = ("git", "checkout", "ref", "commit")
_REF = re.compile(r"refs/(?P<kind>heads|tags)/(?P<name>.+)")
_TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
"""Of an OCI artifact: the distribution specification, "Pull"."""
_NO_REF = re.compile(r"[\s\x00-\x1f\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|[/.]$|\.lock$")
"""What no ref has in its name: `git check-ref-format`."""
_CALLED = {"commit": "the commit", "name": "the ref of that name", "tag": "the tag", "semver": "the newest tag of the range"}
_IN_THIS_ORDER = tuple(_CALLED)
_OPERATOR = re.compile(r"[<>=!]")
_RANGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("GitRepository", ("ref", "semver"), "Flux would check out nothing."),
    ("OCIRepository", ("ref", "semver"), "Flux would refuse to fetch."),
    ("HelmRelease", ("chart", "spec", "version"), "Flux would find no chart."),
    ("HelmChart", ("version",), "Flux would find no chart."),
    ("ImagePolicy", ("policy", "semver", "range"), "Flux could not choose a tag."),
)


@rule(looks_at=STACK_AND_GIT)
def commit_is_whole(plan: Plan) -> Iterator[Finding]:
    """A commit is written with all of its 40 (SHA-1) or 64 (SHA-256) hex digits, in lower case.

    The CRD accepts any text. source-controller decodes it as a hash of full length (fluxcd/pkg, git/gogit/clone.go, `plumbing.NewHash`),
    fills what is missing with zeros, and finds no such commit: unlike `git checkout`, it does not look up abbreviations.
    """
    for item in plan.of_kind("GitRepository"):
        yield from _commit(item, ("ref", "commit"))
    for item in plan.of_kind("ImageUpdateAutomation"):
        yield from _commit(item, _IN_CHECKOUT)


def _commit(item: PlannedObject, path: tuple[str, ...]) -> Iterator[Finding]:
    commit = at(item.spec, *path)
    if not isinstance(commit, str) or not commit or _COMMIT.fullmatch(commit):
        return
    place: KeyPath = ("spec", *path)
    if _COMMIT.fullmatch(commit.lower()):
        yield item.wrong(place, "has capital letters", "No revision would match it.", f"Write {commit.lower()}.")
        return
    wrong = f"{shown(commit)} is {'an abbreviated commit' if _HEX.fullmatch(commit) and len(commit) < 40 else 'not a commit'}"
    command = f"git rev-parse {commit}" if _HEX.fullmatch(commit) and len(commit) < 40 else "git rev-parse HEAD"
    yield item.wrong(place, wrong, "Flux would find no such commit.", f"Write all 40 digits, which `{command}` prints.")


@rule(looks_at=STACK_AND_GIT)
def digest_is_whole(plan: Plan) -> Iterator[Finding]:
    """The digest of an OCIRepository is `sha256:` and 64 hex digits, in lower case.

    The CRD accepts any text, but source-controller refuses any other digest when it fetches (go-containerregistry, `name.NewDigest`).
    """
    for item in plan.of_kind("OCIRepository"):
        digest = at(item.spec, "ref", "digest")
        if isinstance(digest, str) and digest and not DIGEST.fullmatch(digest):
            fix = "Write sha256: and the 64 digits that `crane digest` or `flux pull artifact` prints."
            yield item.wrong(("spec", "ref", "digest"), f"{shown(digest)} is not a digest", "Flux would refuse to fetch.", fix)


@rule(looks_at=STACK_AND_GIT)
def branch_is_named_without_refs(plan: Plan) -> Iterator[Finding]:
    """`ref.branch` and `ref.tag` of a GitRepository are short names, and `ref.name` is the full name of a ref.

    Flux puts `refs/heads/` and `refs/tags/` in front of the first two (fluxcd/pkg, git/gogit/clone.go), and takes the third as it is.
    """
    for item in plan.of_kind("GitRepository", "ImageUpdateAutomation"):
        path = ("ref",) if item.kind == "GitRepository" else ("git", "checkout", "ref")
        for key, prefix in (("branch", "refs/heads/"), ("tag", "refs/tags/")):
            written = text(item.spec, *path, key) or ""
            if match := _REF.fullmatch(written):
                short = f"{'branch' if match['kind'] == 'heads' else 'tag'}: {match['name']}"
                yield item.wrong(
                    ("spec", *path, key),
                    f"is the full name of a ref, not of a {key}",
                    f"Flux would look for {prefix}refs/{match['kind']}/…, which does not exist.",
                    f"Write {short}, or name: {written}." if is_harmless(written) else f"Write {key}: without refs/{match['kind']}/.",
                )
        name = text(item.spec, *path, "name") or ""
        if name and name != "HEAD" and "${" not in name and not name.startswith("refs/"):
            yield item.wrong(
                ("spec", *path, "name"),
                "is not the full name of a ref, which begins with refs/",
                "Flux would find no such ref.",
                _full_name(name) if is_harmless(name) else "Write name: refs/heads/<branch>.",
            )


def _full_name(name: str) -> str:
    """What was meant by the name of a ref that does not begin with refs/."""
    kind, _, short = name.partition("/")
    if kind == "tags" and short:
        return f"Write name: refs/tags/{short}, or tag: {short}."
    branch = short if kind == "heads" and short else name
    return f"Write name: refs/heads/{branch}, or branch: {branch}."


@rule(looks_at=GIT, warns=GIT)
def revision_is_named_once(plan: Plan) -> Iterator[Finding]:
    """A GitRepository names one of `ref.commit`, `ref.name`, `ref.tag` and `ref.semver`; a branch beside it is fine.

    source-controller takes the first of them in this order (fluxcd/pkg, git/gogit/client.go), and ignores the others. A branch says where a
    commit is searched, and may come from a default. Of an object that the stack makes, the preview warns.
    """
    for item in plan.of_kind("GitRepository"):
        for key, first in revisions_without_effect(item.spec):
            yield item.wrong(("spec", "ref", key), *no_effect_beside(first), "Remove it.")


def revisions_without_effect(spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Field of `ref` that a GitRepository ignores → the one that it takes instead."""
    first, *others = [key for key in _IN_THIS_ORDER if text(spec, "ref", key)] or [""]
    return [(key, first) for key in others]


def no_effect_beside(key: str) -> tuple[str, str]:
    """What is wrong with such a field, and what Flux does."""
    return f"has no effect beside ref.{key}", f"Flux checks out {_CALLED[key]} only."


@rule(looks_at=STACK_AND_GIT)
def ref_is_a_name_that_git_allows(plan: Plan) -> Iterator[Finding]:
    """`ref.branch` and `ref.tag` of a GitRepository are names that a branch or a tag can have, not a range of versions.

    The CRD accepts any text. Git refuses names with spaces and signs of its own (`git check-ref-format`), so that no ref has one.
    """
    for item in plan.of_kind("GitRepository"):
        for key in ("branch", "tag"):
            written = text(item.spec, "ref", key) or ""
            if not written or "${" in written or not (_NO_REF.search(written) or _OPERATOR.match(written)):
                continue
            range_meant = key == "tag" and is_range(written)
            yield item.wrong(
                ("spec", "ref", key),
                "is a range, not a tag" if range_meant else f"{shown(written)} cannot be the name of a {key}",
                "Flux would find no such ref.",
                (f'Write semver: "{written}".' if is_harmless(written) else "Write it as semver.")
                if range_meant
                else f"Write a {key} that `git ls-remote` lists, without refs/{'heads' if key == 'branch' else 'tags'}/.",
            )


@rule(looks_at=STACK_AND_GIT)
def oci_tag_is_a_tag(plan: Plan) -> Iterator[Finding]:
    """`ref.tag` of an OCIRepository is a tag: no digest after it, and no range.

    The CRD accepts any text, but source-controller refuses to fetch any other (go-containerregistry, `name.NewTag`).
    """
    for item in plan.of_kind("OCIRepository"):
        tag = text(item.spec, "ref", "tag") or ""
        if not tag or "${" in tag or _TAG.fullmatch(tag):
            continue
        _, at_sign, digest = tag.partition("@")
        if at_sign:
            wrong = "has a digest after the tag"
            fix = (
                f"Write digest: {digest} instead of the tag." if DIGEST.fullmatch(digest) else "Write digest: sha256:… instead of the tag."
            )
        elif "+" in tag and _TAG.fullmatch(pushed := tag.replace("+", "_")):
            wrong, fix = "has a +, which no tag can have", f"Write {pushed}: `helm push` writes _ in its place."
        elif is_range(tag):
            wrong, fix = "is a range, not a tag", f'Write semver: "{tag}".' if is_harmless(tag) else "Write it as semver."
        else:
            wrong, fix = "is not a tag", "Write at most 128 letters, digits, _, . and -."
        yield item.wrong(("spec", "ref", "tag"), wrong, "Flux would refuse to fetch.", fix)


@rule(looks_at=STACK_AND_GIT)
def range_can_be_read(plan: Plan) -> Iterator[Finding]:
    """A range of versions has the form that Flux reads: `1.2.x`, `>=1.2.0 <2.0.0`, `^1.2`, `~1.2`, `1.2 - 1.4`, `*`.

    The CRDs accept any text. The controllers read it with Masterminds/semver, for which `latest` is no range.
    """
    for kind, path, consequence in _RANGES:
        for item in plan.of_kind(kind):
            written = text(item.spec, *path)
            of_git = kind in ("HelmRelease", "HelmChart") and text(item.spec, *path[:-1], "sourceRef", "kind") != "HelmRepository"
            if written is None or of_git or "${" in written or is_range(written):
                continue
            is_newest = written.strip().lower() in ("latest", "stable", "newest")
            yield item.wrong(
                ("spec", *path),
                f"{shown(written)} is not a range of versions",
                consequence,
                'Write "*" for the newest version.' if is_newest else 'Write a version, or a range like ">=1.2.0 <2.0.0".',
            )
