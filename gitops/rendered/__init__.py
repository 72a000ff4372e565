"""Stacks as the objects that they make, read without Pulumi's engine: what `gitops render` writes and `gitops compare` compares."""
