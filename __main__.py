"""Flux for one cluster: the stack's settings, the cluster made of them, and what others may know of it."""

import pulumi

from stacks.cluster import build_cluster
from stacks.guard import look_before
from stacks.lean_run import run_lean
from stacks.settings import load_settings
from stacks.words.problems import problems_told_plainly

with problems_told_plainly():
    run_lean()
    outputs = build_cluster(look_before(load_settings()))
    pulumi.export("fluxVersion", outputs["fluxVersion"])
    pulumi.export("sources", outputs["sources"])
    pulumi.export("ageRecipients", outputs["ageRecipients"])
    pulumi.export("sopsConfig", outputs["sopsConfig"])
    pulumi.export("deployKeys", outputs["deployKeys"])
