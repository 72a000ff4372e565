"""The `gitops` command: what a person asks about a cluster that the program made. Declares no resources."""
