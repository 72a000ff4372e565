"""Flux as data: its install manifests, its objects and its age keys. Pure Python; knows neither Pulumi nor the stack files."""
