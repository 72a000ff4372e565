"""Which Flux a stack installs: its distribution, and the objects of it."""

from dataclasses import dataclass, replace
from pathlib import Path

from flux.bodies import SOPS_AGE_SECRET
from flux.environment import cache_root
from flux.errors import FluxInputError
from flux.message import Message
from flux.minor_version import minor_of
from flux.owners_mark import OwnersMark
from flux.release.artifact import pinned, pull_manifests
from flux.release.artifact_reference import ArtifactReference, parse_reference
from flux.release.controller_settings import Proxy
from flux.release.distribution import Distribution, component_of, distribution_of, read_distribution
from flux.release.flags import FlagValue
from flux.release.install import InstallObjects, install_objects
from flux.release.install_options import InstallOptions
from flux.release.install_patches import InstallPatch
from flux.release.usable_options import usable_options
from flux.release.wrong_flags import newest_listed, oldest_listed, unjudged
from flux.short_text import trim
from flux.signature.policy import SignedBy, refused
from flux.signature.verify import verify_signature
from stacks.choosing.accepted_signature import signature_policy
from stacks.contract.names import OFFLINE_MANIFESTS
from stacks.contract.stack import Stack
from stacks.inputs.project_directory import project_directory
from stacks.reading.validation import Validated
from stacks.words import log
from stacks.words.place import outside
from stacks.words.problems import Problem, StackProblems

_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The Flux of one cluster."""

    distribution: Distribution
    options: InstallOptions
    objects: InstallObjects


def resolve_installation(
    stack: Validated[Stack], offline_copy: Path | None, problems: list[Problem], mark: OwnersMark, *, verify: bool = True
) -> Installation | None:
    """Get the manifests and choose from them; None when there are none, after adding why to `problems`.

    `verify`: whether the signature is checked that the stack asks for. What only reads the manifests, and installs nothing, need not.

    What cannot be chosen is reported and left out of the installation, so that objects can still be judged. When it is unknown which
    controllers are meant, `flux.components` is set aside afterwards.
    """
    aside = stack.aside
    if aside.touches("flux", "manifests"):
        return None
    try:
        distribution = _distribution(stack.model, offline_copy, verify=verify)
    except FluxInputError as error:
        problems.append(Problem(stack.place(*error.path), error.message))
        return None
    except StackProblems as error:
        problems.extend(error.problems)
        return None
    options = install_options(stack.model)
    if aside.touches("flux", "components"):
        options = replace(options, components=sorted({name for body in distribution.objects if (name := component_of(body))}))
    options, findings = usable_options(distribution, options)
    problems += [Problem(stack.place(*finding.path), finding.message) for finding in findings]
    if unknown := unjudged(options.flags, minor_of(distribution.version)):
        known = f"this program knows the flags of Flux {oldest_listed()} to {newest_listed()}"
        log.warn(f"Not checked: {', '.join(unknown)}. It may be new in Flux {distribution.version} or misspelt: {known}.")
    if any(finding.path[:2] == ("flux", "components") for finding in findings):
        aside.put(("flux", "components"))
    objects = _marked(install_objects(distribution, options), mark)
    return Installation(distribution=distribution, options=options, objects=objects)


def _marked(objects: InstallObjects, mark: OwnersMark) -> InstallObjects:
    return InstallObjects(
        definitions=[mark.on(body) for body in objects.definitions], controllers=[mark.on(body) for body in objects.controllers]
    )


def _distribution(stack: Stack, offline_copy: Path | None, *, verify: bool = True) -> Distribution:
    written, signature = stack.flux.manifests, stack.flux.verify
    if written.startswith((".", "/")):
        if signature is not None:
            raise _no_signature_of_a_directory()
        # What links lead to elsewhere is not pinned by the commit, and may be anything that the person who previews can read.
        inside = None if stack.environment == "development" else project_directory()
        return read_distribution(project_directory() / written, inside=inside)
    reference = parse_reference(written)
    if offline_copy is not None:
        return _offline_distribution(offline_copy, reference, signed=signature is not None)
    if signature is not None and verify:
        reference = pinned(reference)  # what is verified is what is pulled
        _tell(verify_signature(reference, signature_policy(signature)), reference)
    files = pull_manifests(reference, cache_root())
    return distribution_of(files, shown=str(reference), version=reference.version)


def _tell(signed: SignedBy, reference: ArtifactReference) -> None:
    named = f"; the signature calls it {trim(signed.named, _LONGEST_NAME)}" if signed.named else ""
    log.info(f"{reference} is signed by {signed.who}{named}.")


def _no_signature_of_a_directory() -> FluxInputError:
    return refused(
        "cannot be checked: `manifests` is a directory, and cosign signs artifacts",
        "Unsigned files would be installed.",
        "Name a signed artifact in `manifests`, or remove `verify`.",
    )


def _offline_distribution(directory: Path, reference: ArtifactReference, *, signed: bool) -> Distribution:
    distribution = read_distribution(directory)
    if distribution.version != reference.tag:
        text = Message(
            f"holds Flux {distribution.version}, but the stack installs {reference}",
            "The preview would show another version.",
            "Unset it, or name a directory with that version.",
        )
        raise StackProblems([Problem(outside(OFFLINE_MANIFESTS), text)])
    unchecked = "digest and signature were" if signed else "the digest was"
    log.warn(f"Previewing Flux {distribution.version} from {OFFLINE_MANIFESTS}, not from {reference}: {unchecked} not checked.")
    return distribution


def install_options(stack: Stack) -> InstallOptions:
    """What a stack file asks for, else the defaults of `flux install`; kustomize-controller gets the age keys unless it says otherwise."""
    flux, default = stack.flux, InstallOptions()
    flags: dict[str, dict[str, FlagValue | None]] = {name: dict(values) for name, values in flux.flags.items()}
    if stack.age.keys:
        flags.setdefault("kustomize-controller", {}).setdefault("sops-age-secret", SOPS_AGE_SECRET)
    annotations = stack.decryption.service_account_annotations
    return InstallOptions(
        components=default.components if flux.components is None else flux.components,
        flags=flags,
        shards=flux.shards,
        size=flux.size,
        log_level=flux.log_level,
        chooses_log_level="log_level" in flux.model_fields_set,
        cluster_domain=flux.cluster_domain,
        network_policy=flux.network_policy,
        registry=default.registry if flux.registry is None else flux.registry,
        image_pull_secret=flux.image_pull_secret,
        node_selector=default.node_selector if flux.node_selector is None else flux.node_selector,
        resources={name: each.model_dump(by_alias=True, exclude_unset=True) for name, each in flux.resources.items()},
        tolerations=[each.model_dump(by_alias=True, exclude_none=True) for each in flux.tolerations],
        controllers={name: each.model_dump(by_alias=True, exclude_unset=True) for name, each in flux.controllers.items()},
        proxy=Proxy(http=flux.proxy.http, https=flux.proxy.https, no_proxy=tuple(flux.proxy.no_proxy)) if flux.proxy else None,
        patches=[
            InstallPatch(target=each.selector(), patch=each.change(), written=("flux", "patches", index))
            for index, each in enumerate(flux.patches)
        ],
        service_account_annotations={"kustomize-controller": dict(annotations)} if annotations else {},
    )
