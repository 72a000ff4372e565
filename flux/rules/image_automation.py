"""Image policies, and the commits that follow from them."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.reading import mapping, text


def image_policy_chooses_somehow(plan: Plan) -> Iterator[Finding]:
    """An ImagePolicy has exactly one of `semver`, `alphabetical` and `numerical`.

    With none, image-reflector-controller refuses the policy; of several, it silently takes the first in that order.
    """
    for item in plan.of_kind("ImagePolicy"):
        policy = mapping(item.spec, "policy")
        given = [key for key in ("semver", "alphabetical", "numerical") if policy.get(key) is not None]
        if "policy" in item.spec and len(given) != 1:
            wrong = f"{' and '.join(given)} stand side by side" if given else "no way to choose a tag is given"
            would = f"Flux would silently use {given[0]} alone" if given else "Flux would choose none"
            yield item.wrong(("spec", "policy"), f"{wrong}; {would}; write exactly one of semver, alphabetical and numerical")


def automation_says_how_to_commit(plan: Plan) -> Iterator[Finding]:
    """An ImageUpdateAutomation has `git`, with the author of its commits.

    The schema lets it be missing; image-automation-controller does not ("necessitates field .spec.git").
    """
    for item in plan.of_kind("ImageUpdateAutomation"):
        if item.spec and not mapping(item.spec, "git"):
            yield item.wrong(
                ("spec", "git"),
                "it is not said who commits; Flux would not update anything; write git: {commit: {author: {email: <address>}}}",
            )


def automation_pushes_to_a_branch(plan: Plan) -> Iterator[Finding]:
    """The branch to push to is given in `git.push`, or is the branch that `git.checkout` or the GitRepository checks out.

    image-automation-controller cannot infer one from a tag, a range or a commit, and stops.
    """
    for item in plan.of_kind("ImageUpdateAutomation"):
        source = _source(plan, item)
        if not mapping(item.spec, "git") or text(item.spec, "git", "push", "branch"):
            continue
        checkout = mapping(item.spec, "git", "checkout")
        if checkout and not text(checkout, "ref", "branch"):
            checked_out = "git.checkout checks out no branch"
        elif not checkout and source is not None and not text(source.spec, "ref", "branch"):
            checked_out = f"{source.identity} checks out no branch"
        else:
            continue
        yield item.wrong(
            ("spec", "git", "push"),
            f"{checked_out}, and git.push names none; Flux would not know where to push to; write push: {{branch: <branch>}} under git",
        )


def automation_may_push(plan: Plan) -> Iterator[Finding]:
    """The GitRepository of an ImageUpdateAutomation has a credential.

    It is pushed with the credential that it is fetched with (ImageUpdateAutomation docs, "Source reference"); anonymous pushes are
    refused. Not judged where a cloud provider gives the credential.
    """
    for item in plan.of_kind("ImageUpdateAutomation"):
        source = _source(plan, item)
        if source is None or text(source.spec, "secretRef", "name") or text(source.spec, "provider") in ("aws", "azure"):
            continue
        if not (text(source.spec, "url") or "").startswith("ssh://"):  # that one is refused as it is
            yield item.wrong(
                ("spec", "sourceRef"),
                f"{source.identity} has no credential, and Flux pushes with what it fetches with; every push would be refused; "
                "give the GitRepository a credential that may write",
            )


def _source(plan: Plan, item: PlannedObject) -> PlannedObject | None:
    reference = mapping(item.spec, "sourceRef")
    namespace = text(reference, "namespace") or item.identity.namespace
    return plan.find(ObjectReference("GitRepository", namespace, text(reference, "name") or ""))


RULES = (image_policy_chooses_somehow, automation_says_how_to_commit, automation_pushes_to_a_branch, automation_may_push)
