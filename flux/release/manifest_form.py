"""Whether an object of a release has the form that reading the release relies on. All the rest is for the API server to judge."""

from typing import Any

from flux.any_shape import at


def has_its_form(body: Any) -> bool:
    """Whether `body` is an object with a name; a Deployment with named containers, a CRD with versions of which one is stored."""
    metadata = at(body, "metadata")
    if not (isinstance(at(body, "kind"), str) and isinstance(at(metadata, "name"), str) and _has_labels(metadata)):
        return False
    if body["kind"] == "Deployment":
        return _is_deployment(at(body, "spec"))
    return body["kind"] != "CustomResourceDefinition" or _is_definition(at(body, "spec"))


def _is_deployment(spec: Any) -> bool:
    template = at(spec, "template")
    pod = at(template, "spec") or {}
    containers = pod.get("containers", []) if isinstance(pod, dict) else None
    return (
        isinstance(at(template, "metadata"), dict)
        and _has_labels(at(template, "metadata"))
        and isinstance(containers, list)
        and all(_is_container(each) for each in containers)
    )


def _is_container(value: Any) -> bool:
    args = value.get("args", []) if isinstance(value, dict) else None
    named = isinstance(at(value, "name"), str) and isinstance(at(value, "image"), str)
    return named and isinstance(args, list) and all(isinstance(each, str) for each in args)


def _is_definition(spec: Any) -> bool:
    names, versions = at(spec, "names"), at(spec, "versions")
    return (
        isinstance(at(spec, "group"), str)
        and isinstance(at(names, "kind"), str)
        and isinstance(versions, list)
        and all(isinstance(at(each, "name"), str) and isinstance(at(each, "storage"), bool) for each in versions)
        and any(each["storage"] for each in versions)
    )


def _has_labels(metadata: Any) -> bool:
    labels = metadata.get("labels", {})
    return isinstance(labels, dict) and all(isinstance(text, str) for pair in labels.items() for text in pair)
