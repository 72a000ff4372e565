"""What `gitops new --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

NEW = """The two files of a cluster of your own: Pulumi.<stack>.yaml and the catalog.

Asks what it must know, says what each answer does, writes the files, judges them as a
preview does, and prints the commands that come next. Server and CA are read from the
kubeconfig. It asks for no secret and writes none: the command that sets one is printed.
A file that is there is never overwritten; --replace-catalog replaces a catalog that Git
still has: that of the example, in a new clone.

\b
Examples:
  gitops new                        asks everything
  gitops new homelab                asks the rest
  gitops new homelab --yes --context admin@homelab \\
    --git-url ssh://git@github.com/you/homelab --path ./clusters/homelab \\
    --login deploy-key --age-key new --replace-catalog
                                    for scripts: what is missing is an error that
                                    lists it

\b
Answers:
  --login    public       https, everybody may read
             token        https, with an access token as a secret of the stack
             deploy-key   ssh, with a key that `pulumi up` makes
             ssh-key      ssh, with a private key of yours as a secret of the stack
  --age-key  none         no file is encrypted with SOPS
             new          there is no age key yet
             existing     you have the age key that reads the files

\b
Exit codes:
  0    written, and a preview would pass
  1    written; what is to be filled in first is printed
  2    a mistake in an answer, or an answer is missing; nothing was written
  130  interrupted
"""
