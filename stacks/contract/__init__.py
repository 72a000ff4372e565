"""Contract: the models of the files that people write, and the texts that may stand in them. No files, no Pulumi."""
