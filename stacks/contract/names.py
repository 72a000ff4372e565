"""Names that people write, of files, keys and environment variables. Imports nothing: every command may ask."""

PROJECT_FILE = "Pulumi.yaml"
CATALOG = "catalog.yaml"
PREFIX = "gitops:"
"""What each key of a stack file begins with that is this program's."""
OWN_PREFIX = "GITOPS_DEV_"
"""What the name of a variable begins with that a stack file may refer to, as `{env: NAME}`."""
BY_THE_DEMO = 'for the demo: make demo, then eval "$(make -s env)"'
"""How to set all variables that the stack file of the demo refers to."""
SECRET_VARIABLE = "GITOPS_SECRET_"  # noqa: S105 (a name)
"""What the name of a variable begins with that gives the value of a secret."""
OFFLINE_MANIFESTS = "GITOPS_FLUX_MANIFESTS"
"""A directory that previews, and only they, use when the registry cannot be reached; its version must be the stack's."""
