"""What `--help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

GITOPS = """Set up a cluster for Flux, and see what Flux does in it.

`new` writes the files for your cluster, and `doctor` shows what is missing to apply
them. `pulumi up` installs Flux and registers the sources; `up` does the same and says
why if a controller does not come up. From then on, the cluster follows Git. `status`
shows whether everything is ready, and `check` whether the cluster can read its
repositories. `drift` shows what somebody changed by hand, `destroy` removes a stack,
and `adopt` takes over a running Flux.

`digest` pins a release of Flux, and `migrate` prepares the cluster for a newer one.
`deploy-key` manages keys at Gitea and GitHub. `render` writes what a stack makes,
`compare` shows what a change does to it, and `comment` puts that on a pull request.

\b
Examples:
  gitops new                    write the two files for your cluster
  gitops doctor                 show what is missing on this machine, and the fix
  gitops status                 show every source, Kustomization and Helm release:
                                its revision, whether it is ready, and why not
  gitops status --wait 300      wait until everything is ready, then show it
  gitops status --context admin@homelab -n flux-system
                                another cluster, one namespace
  gitops status -o json | jq -r '.objects[] | select(.ready == "no").message'
                                for scripts
  gitops deploy-key register    register the stack's generated SSH keys with its
                                repositories at Gitea or GitHub
  gitops check --stack production
                                check which encrypted files the cluster can read,
                                and what would go wrong
  gitops compare origin/main    show what the working tree changes in every cluster

It acts on the project that contains the current directory, as pulumi does. To act on
another: gitops --cwd DIRECTORY status

\b
To complete commands, options, stacks and contexts:
  gitops --install-completion

To use the demo's cluster: make demo, then eval "$(make -s env)"
"""
