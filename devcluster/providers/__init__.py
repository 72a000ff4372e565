"""Stand-ins for Pulumi provider plugins, for machines where the real plugins cannot be downloaded. See README.md."""
