"""The names of the catalog's sections, and the kinds that their entries become. What makes them: stacks/choosing/sections.py."""

from typing import Literal, get_args

NamedSection = Literal["git", "helm", "oci", "kustomizations"]
"""Those whose entries have a name, by which a stack overrides them."""
SectionName = NamedSection | Literal["objects"]
EntryKind = Literal["GitRepository", "HelmRepository", "OCIRepository", "Kustomization"]

NAMED_SECTIONS: tuple[NamedSection, ...] = get_args(NamedSection)
