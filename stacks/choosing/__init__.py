"""Choosing: what a stack takes of the catalog, resolved to the arguments of components."""
