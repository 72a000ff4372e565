"""What the installed controllers ask of the stack's own objects: that they are there, and what the multi-tenancy lockdown needs."""

from collections.abc import Iterator

from flux.any_shape import text
from flux.finding import GIT, STACK, STACK_AND_GIT, Finding
from flux.kinds import APPLIERS, controller_of
from flux.object_reference import FLUX_NAMESPACE
from flux.rules.plan import INSTALLATION, Plan
from flux.rules.rule import rule


@rule(looks_at=STACK)
def controller_of_the_kind_is_installed(plan: Plan) -> Iterator[Finding]:
    """The controller of each object's kind is among `gitops:flux.components`.

    Without it, the cluster has no CRD of that kind. The controllers of images and source-watcher are not installed by default.
    """
    installed = plan.planned.components
    if not installed or plan.is_unknown(INSTALLATION):
        return
    for item in plan.objects:
        controller = controller_of(item.kind)
        if controller and item.is_of_flux and controller not in installed:
            yield item.wrong(
                ("kind",),
                f"is {item.kind}, whose controller, {controller}, is not installed",
                f"The API server would refuse the {item.kind}.",
                f"Add {controller} to gitops:flux.components, beside those that the stack has.",
            )


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def own_objects_name_an_account_under_lockdown(plan: Plan) -> Iterator[Finding]:
    """With `--default-service-account`, every Kustomization and HelmRelease in flux-system names a `serviceAccountName`.

    The controller then acts as that account of the object's namespace, and `default` of flux-system may do nothing (Flux docs,
    "Multi-tenancy lockdown", which patches the root Kustomization). A warning for those of Git, which may bind a role to that account. Not
    checked: other namespaces, for whose tenants the account is meant.
    """
    if plan.is_unknown(INSTALLATION):
        return
    for kind in APPLIERS:
        controller = controller_of(kind)
        account = plan.flag(controller, "default-service-account")
        if not isinstance(account, str) or account in ("", controller):
            continue
        for item in plan.of_kind(kind):
            is_here = item.namespace == FLUX_NAMESPACE and not item.spec.get("kubeConfig")
            if is_here and not text(item.spec, "serviceAccountName"):
                where = "" if item.is_in_git else f", in the entry or for all of them under defaults.{kind}"
                denied = "and be denied everything, unless a role is bound to it" if item.is_in_git else "and be denied everything"
                yield item.wrong(
                    ("spec", "serviceAccountName"),
                    f"is missing, but {controller} runs with default-service-account, which requires it",
                    f"Flux would act as ServiceAccount {account} of {item.namespace}, {denied}.",
                    f"Write serviceAccountName: {controller}{where}.",
                )
