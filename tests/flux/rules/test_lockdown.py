"""What the multi-tenancy lockdown asks of the stack's own objects."""

from flux.finding import GIT
from flux.object_reference import ObjectReference
from flux.rules import INSTALLATION
from flux.rules.lockdown import own_objects_name_an_account_under_lockdown
from tests.flux.rules.plans import an, git, ks, release, said

FLAGS = {"kustomize-controller": {"default-service-account": "default"}, "helm-controller": {"default-service-account": "default"}}
CHART = {"spec": {"chart": "web", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}
CHARTS = an("HelmRepository", "charts", url="https://charts.test")


def test_under_lockdown_own_objects_name_an_account() -> None:
    assert said(git(), ks(), CHARTS, release(chart=CHART), flags=FLAGS) == [
        "Kustomization/flux-system/apps spec.serviceAccountName: is missing, but kustomize-controller runs with "
        "default-service-account, which requires it. Flux would act as ServiceAccount default of flux-system, and be denied everything. "
        "Write serviceAccountName: kustomize-controller, in the entry or for all of them under defaults.Kustomization.",
        "HelmRelease/flux-system/web spec.serviceAccountName: is missing, but helm-controller runs with default-service-account, which "
        "requires it. Flux would act as ServiceAccount default of flux-system, and be denied everything. Write serviceAccountName: "
        "helm-controller, in the entry or for all of them under defaults.HelmRelease.",
    ]


def test_without_lockdown_or_with_an_account_nothing_is_asked() -> None:
    own = {"kustomize-controller": {"default-service-account": "kustomize-controller"}}

    assert said(git(), ks()) == []
    assert said(git(), ks(), flags=own) == []
    assert said(git(), ks(serviceAccountName="kustomize-controller"), flags=FLAGS) == []
    assert said(git(), ks(kubeConfig={"secretRef": {"name": "other-cluster"}}), flags=FLAGS) == []
    assert said(git(), ks(), flags=FLAGS, unknown=frozenset({INSTALLATION, ObjectReference("Secret", "", "")})) == []


def test_what_tenants_bring_is_what_the_lockdown_is_for() -> None:
    assert said(git(), from_git=[release("tenant", namespace="web")], flags=FLAGS) == []


def test_what_git_brings_into_flux_system_acts_as_an_account_that_may_do_nothing() -> None:
    (told,) = said(git(), from_git=[ks("team", path="./team")], flags=FLAGS)

    assert "denied everything, unless a role is bound to it. Write serviceAccountName: kustomize-controller." in told
    assert GIT in own_objects_name_an_account_under_lockdown.warns


def test_an_object_needs_the_controller_of_its_kind() -> None:
    images = an("ImageRepository", "app", interval="5m", image="r.test/app")
    default = frozenset({"source-controller", "kustomize-controller", "helm-controller", "notification-controller"})

    assert said(git(), images) == said(git(), images, components=default | {"image-reflector-controller"}) == []
    assert said(git(), from_git=[images], components=default) == []
    assert said(git(), images, components=default) == [
        "ImageRepository/flux-system/app kind: is ImageRepository, whose controller, image-reflector-controller, is not installed. The "
        "API server would refuse the ImageRepository. Add image-reflector-controller to gitops:flux.components, beside those that the "
        "stack has."
    ]
