"""Flux for one cluster: the stack's settings, the cluster made of them, and what others may know of it."""

import pulumi

from stacks.cluster import build_cluster
from stacks.settings import load_settings
from stacks.words.problems import problems_told_plainly

with problems_told_plainly():
    cluster = build_cluster(load_settings())
    pulumi.export("fluxVersion", cluster.flux_version)
    pulumi.export("sources", cluster.sources)
    pulumi.export("ageRecipients", cluster.age_recipients)
    pulumi.export("sopsConfig", cluster.sops_config)
    pulumi.export("deployKeys", cluster.deploy_keys)
