"""What `gitops check --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

CHECK = """Check a stack's repositories: who can read what, and what would go wrong.

Fetches every Git repository and OCI artifact that the stack's Kustomizations sync, at
the ref that Flux uses, builds each path with kustomize, follows child Kustomizations,
and lists the SOPS-encrypted files with their readers. It decrypts nothing, because
recipients are public, and needs neither the cluster nor a private key.

\b
Examples:
  gitops check                      the stack that pulumi has selected
  gitops check -s production        another stack
  gitops check --without 2026-05    as if that age key were gone: which files
                                    still need it?
  gitops check -o json | jq -r '.findings[] | "\\(.kind) \\(.file)"'

\b
What it finds (docs/check.md explains each):
  unreadable, needs-removed-key, not-decrypted, encrypted-metadata, encrypted-patch,
  decrypted-otherwise    encrypted files that Flux could not apply
  plain-secret, not-encrypted
                         secrets that everyone can read
  encrypted-one-by-one   documents that the sops CLI could no longer read
  no-rule, rule-encrypts-metadata, rule-leaves-plain, rule-lacks-newest-key
                         a .sops.yaml that is wrong for the next file
  owned-by-stack, applied-twice
                         objects with two owners, among them a second Flux
  substitutes-its-own, waits-for-its-own
                         a Kustomization that waits for itself
  substitutes-from-nowhere, undefined-variable, not-substituted
                         variables that Flux could not replace
  missing-path, not-yaml, not-built
                         what Flux could not build
  schema, no-namespace, namespace-from-nowhere, kind-comes-later
                         what the API server would refuse
  not-checked            what could not be reached
  acknowledges-nothing   an entry of gitops:acknowledge that matches no finding
  Each rule of docs/reference.md that looks at Git is a finding of that name, too.

It records the result in checked/<stack>.yaml (or gitops:checkRecord) for previews:
commit that file. --no-record does not write it.

Git uses the stack's credentials if their secrets are set (GITOPS_SECRET_..., or the
stack file with its passphrase), else your own.

\b
Exit codes:
  0    no errors; there may be warnings
  1    errors were found, or a repository could not be fetched
  2    the command line or the stack's files are wrong; stderr says what to do,
       stdout is empty
  130  interrupted

\b
JSON (-o json); stable while version is 1:
  version       1
  stack, record its name, and the file that was written, or null
  fine          true if the exit code is 0
  repositories  each with name, url, commit, and files, each with
    file        from the repository's root
    synced      true: the cluster reads it
    readers     names of age keys, "1 person", "2 unknown keys", "pgp", ...
    recipients  age recipients, and the kinds of other keys
  findings      errors first, each with kind, severity (error, warning),
                repository, file ("" for the whole repository), line (or null),
                text, object (kind/namespace/name, or null),
                message (wrong, consequence and fix: the parts of text),
                acknowledged (the reason in gitops:acknowledge, or null)
"""
