"""Revisions that are pinned by a hash, which must be complete."""

import re
from collections.abc import Iterator

from flux.any_shape import at, shown
from flux.finding import STACK_AND_GIT, Finding
from flux.key_path import KeyPath
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HEX = re.compile(r"[0-9a-f]+")
_IN_CHECKOUT = ("git", "checkout", "ref", "commit")


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
        if isinstance(digest, str) and digest and not _DIGEST.fullmatch(digest):
            fix = "Write sha256: and the 64 digits that `crane digest` or `flux pull artifact` prints."
            yield item.wrong(("spec", "ref", "digest"), f"{shown(digest)} is not a digest", "Flux would refuse to fetch.", fix)
