"""Image policies, and the commits that follow from them."""

from collections.abc import Iterator

from flux.any_shape import mapping, text
from flux.finding import STACK_AND_GIT, Finding
from flux.listing import listed
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_WAYS = ("semver", "alphabetical", "numerical")


@rule(looks_at=STACK_AND_GIT)
def image_policy_chooses_somehow(plan: Plan) -> Iterator[Finding]:
    """An ImagePolicy has exactly one of `semver`, `alphabetical` and `numerical`.

    Without one, image-reflector-controller refuses the policy; of several, it silently takes the first in that order.
    """
    for item in plan.of_kind("ImagePolicy"):
        policy = mapping(item.spec, "policy")
        given = [key for key in _WAYS if policy.get(key) is not None]
        if "policy" in item.spec and len(given) != 1:
            yield item.wrong(
                ("spec", "policy"),
                f"has {'both ' if len(given) < len(_WAYS) else ''}{listed(given)}" if given else "names no policy",
                f"Flux would silently use {given[0]} alone." if given else "Flux could not choose a tag.",
                "Write exactly one of semver, alphabetical and numerical.",
            )


@rule(looks_at=STACK_AND_GIT)
def automation_says_how_to_commit(plan: Plan) -> Iterator[Finding]:
    """An ImageUpdateAutomation has `git`, with the author of its commits.

    The schema does not require it, but image-automation-controller does ("necessitates field .spec.git").
    """
    for item in plan.of_kind("ImageUpdateAutomation"):
        if item.spec and not mapping(item.spec, "git"):
            yield item.wrong(
                ("spec", "git"),
                "is required but missing",
                "Flux would not update anything.",
                "Write git: {commit: {author: {email: <address>}}}.",
            )


@rule(looks_at=STACK_AND_GIT)
def automation_pushes_to_a_branch(plan: Plan) -> Iterator[Finding]:
    """`git.push` names the branch to push to, or `git.checkout` or the GitRepository checks out a branch.

    image-automation-controller cannot derive a branch from a tag, a range or a commit, and stops.
    """
    for item in plan.of_kind("ImageUpdateAutomation"):
        source = _source(plan, item)
        if not mapping(item.spec, "git") or text(item.spec, "git", "push", "branch"):
            continue
        checkout = mapping(item.spec, "git", "checkout")
        if checkout and not text(checkout, "ref", "branch"):
            who = "git.checkout"
        elif not checkout and source is not None and not text(source.spec, "ref", "branch"):
            who = str(source)
        else:
            continue
        yield item.wrong(
            ("spec", "git", "push"),
            f"names no branch, and {who} does not check one out",
            "Flux would not know where to push to.",
            "Write push: {branch: <branch>} under git.",
        )


@rule(looks_at=STACK_AND_GIT)
def automation_may_push(plan: Plan) -> Iterator[Finding]:
    """The GitRepository of an ImageUpdateAutomation has a credential.

    Flux pushes with the credential with which it fetches (ImageUpdateAutomation docs, "Source reference"), and servers refuse anonymous
    pushes. Not checked if a cloud provider supplies the credential.
    """
    for item in plan.of_kind("ImageUpdateAutomation"):
        source = _source(plan, item)
        if source is None or text(source.spec, "secretRef", "name") or text(source.spec, "provider") in ("aws", "azure"):
            continue
        if not (text(source.spec, "url") or "").startswith("ssh://"):  # that one is refused as it is
            yield item.wrong(
                ("spec", "sourceRef"),
                f"names {source}, which has no credential",
                "Flux pushes with the credential that it fetches with: every push would be refused.",
                "Give the GitRepository a credential with write access.",
            )


def _source(plan: Plan, item: PlannedObject) -> PlannedObject | None:
    reference = mapping(item.spec, "sourceRef")
    namespace = text(reference, "namespace") or item.namespace
    return plan.find(ObjectReference("GitRepository", namespace, text(reference, "name") or ""))
