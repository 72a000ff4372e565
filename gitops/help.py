"""What `--help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

GITOPS = """What Flux makes of a cluster that this program set up.

`pulumi up` installs Flux, registers the sources and hands over. From then on the
cluster follows Git: `status` says how far it has come, `check` whether it can; both
only read. `deploy-key` helps with the keys at Gitea and GitHub. `new` writes the files of a
cluster of your own, `doctor` says what is missing to run it.

\b
Examples:
  gitops new                    the two files of a cluster of your own
  gitops doctor                 what is missing on this machine, and how to get it
  gitops status                 every source, Kustomization and Helm release:
                                its revision, whether it is ready, and why not
  gitops status --wait 300      the same after a change, once all is ready
  gitops status --context admin@homelab -n flux-system
                                another cluster, one namespace
  gitops status -o json | jq -r '.objects[] | select(.ready == "no").message'
                                for scripts
  gitops deploy-key register    let the SSH keys that the stack generated read
                                its repositories at Gitea
  gitops check --stack production
                                the repositories that it syncs: which encrypted
                                files can it read, and what would go wrong

Shells complete commands, options, stacks and contexts: gitops --install-completion

The demo's cluster is the one that is asked after: eval "$(make -s env)"
"""

CHECK = """The repositories of a stack: who can read what, and what would go wrong.

Checks out every Git repository that the stack's Kustomizations sync, at the ref
that Flux takes, follows each path as kustomize would, child Kustomizations too,
and lists the files that SOPS encrypted with those who can read them. Nothing is
decrypted: recipients are public. It needs neither the cluster nor a private key.

\b
Examples:
  gitops check                      the stack that pulumi has selected
  gitops check -s production        another one
  gitops check --without 2026-05    as if that age key were gone: which files
                                    still need it?
  gitops check -o json | jq -r '.findings[] | "\\(.kind) \\(.file)"'

\b
What it finds (docs/check.md explains each):
  unreadable, needs-removed-key, not-decrypted, encrypted-metadata
                         encrypted files that Flux could not apply
  plain-secret, not-encrypted
                         secrets that everyone can read
  encrypted-one-by-one   documents that sops itself could not read any more
  no-rule, rule-encrypts-metadata, rule-leaves-plain, rule-lacks-newest-key
                         a .sops.yaml that will go wrong with the next file
  owned-by-stack         objects that the stack makes, too
  substitutes-its-own    a Kustomization that waits for itself
  substitutes-from-nowhere
                         one that looks for its variables in the wrong namespace
  missing-path, not-yaml what Flux could not build
  not-checked            what was out of reach

It records what it saw in checked/<stack>.yaml (or gitops:checkRecord), for
previews to read: commit that file. --no-record leaves it alone.

Git fetches with the stack's credentials where their secrets are at hand
(GITOPS_SECRET_..., or the stack file with its passphrase), else as you.

\b
Exit codes:
  0    no error was found; warnings may have been
  1    errors were found, or a repository could not be fetched
  2    a mistake in the command or the stack's files; says what and what to do on
       stderr, and nothing on stdout
  130  interrupted

\b
JSON (-o json); stable while version is 1:
  version       1
  stack, record its name, and the file that was written, or null
  fine          true or false, as the exit code says
  repositories  each with name, url, commit, and files, each with
    file        from the repository's root
    synced      true: the cluster reads it
    readers     names of age keys, "1 person", "2 unknown keys", "pgp", ...
    recipients  age recipients, and the kinds of other keys
  findings      errors first, each with kind, severity (error, warning),
                repository, file ("" for the whole), line (or null), text
"""
