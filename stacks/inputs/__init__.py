"""Inputs: what a run is given besides files: Pulumi's config, the stack's name and the environment."""
