"""Contract: the models of the files that people write, and the texts in them. No files, no Pulumi."""
