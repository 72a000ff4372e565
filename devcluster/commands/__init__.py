"""Commands: what `python -m devcluster` does, beyond building the toolchain.

machine_checks  what `gitops doctor --demo` says, before anything is started
homes           what the commands of any home share: which cluster it is, one command at a time, its environment, its end
pushed_files    the files of a person's directory, for a command that pushes them
demo            `up`: the dev stack, until Flux reports everything ready
bare_cluster    `up --bare`: a cluster of one's own, with nothing on it
describe        `describe`: what a stack file says of a cluster
repository      `repository`: one more repository on its Gitea
push_artifact   `artifact`: manifests in its OCI registry
token           another access token that reads what Flux reads
"""
