"""The one list of Flux's kinds, held against the CRDs of the release itself."""

from flux.kinds import KINDS, controller_of, is_flux_api
from flux.release.distribution import component_of
from tests.manifests import distribution


def test_every_kind_of_the_release_is_listed_with_its_group_plural_and_controller() -> None:
    found = {
        body["spec"]["names"]["kind"]: (body["spec"]["names"]["plural"], body["spec"]["group"], component_of(body))
        for body in distribution().objects
        if body["kind"] == "CustomResourceDefinition"
    }
    listed = {kind: (each.plural, each.api_group, each.controller) for kind, each in KINDS.items()}
    # Its CRD comes with source-controller, and whoever makes artifacts writes it.
    found["ExternalArtifact"] = (*found["ExternalArtifact"][:2], "")
    assert listed == found


def test_what_a_later_flux_brings_is_still_fluxs() -> None:
    assert is_flux_api("later.toolkit.fluxcd.io")
    assert is_flux_api("source.extensions.fluxcd.io")
    assert not is_flux_api("apps")
    assert controller_of("OfALaterFlux") == ""
