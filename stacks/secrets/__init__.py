"""Secrets: what a stack declares and what is at hand, as the entries of the Secrets that Flux reads."""
