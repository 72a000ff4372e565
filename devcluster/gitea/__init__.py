"""Gitea: the real server, its repositories, its chart and its encrypted files.

gitea_server         how it is run, and its users' tokens
app_ini              its settings
https_front          the same over HTTPS, with a private CA
tls_forwarder        the program that does that
organisation         the organisation, through Gitea's API
sample_repositories  the repositories: the samples, and one that a person adds
git_publisher        pushing files with the real git
encrypted_files      the files of homelab-k8s2 that sops encrypts
chart_package        packaging a chart as `helm package` does
oci_push             pushing charts and Flux artifacts to the OCI registry
"""
