"""Pulumi ComponentResources: typed arguments in, resources and typed outputs out. They know no files, no config, no environment."""
