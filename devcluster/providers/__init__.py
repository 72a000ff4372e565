"""Stand-ins for Pulumi provider plugins, for machines where the real plugins cannot be downloaded. See README.md.

They import nothing of the embedded cluster; of them it knows the plugin versions alone, and starts them by their names.

kubernetes, random  one stand-in each, run as `python -m devcluster.providers.<name>`
serving             the plugin protocol over gRPC
engine_log          messages that the engine shows
property_values     values as the engine sends them and as this code works on them
lean_imports        a plugin imports no more of the SDK than it uses
plugin_versions     which versions the installed SDKs ask for
"""
