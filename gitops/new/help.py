"""What `gitops new --help` teaches. The marker (a backspace on a line of its own) keeps the lines of a paragraph as they are."""

NEW = """Write the two files for your cluster: Pulumi.<stack>.yaml and the catalog.

Asks for what it needs, explains each answer, writes the files, checks them as a preview
does, and prints the next commands. It reads server and CA from the kubeconfig. It
neither asks for secrets nor writes them, but prints the commands that set them. It
never overwrites an existing file, unless --replace-catalog replaces a committed
catalog, such as the example's in a new clone.

\b
Examples:
  gitops new                        asks for everything
  gitops new homelab                asks for the rest
  gitops new homelab --yes --context admin@homelab \\
    --git-url ssh://git@github.com/you/homelab --path ./clusters/homelab \\
    --login deploy-key --age-key new --replace-catalog
                                    for scripts: fails with a list of missing
                                    answers

\b
Answers:
  --login    public       https, without a credential
             token        https, with an access token as a secret of the stack
             deploy-key   ssh, with a key that `pulumi up` generates
             ssh-key      ssh, with your private key as a secret of the stack
  --age-key  none         no file is encrypted with SOPS
             new          there is no age key yet
             existing     you have the age key that reads the files

\b
Exit codes:
  0    written, and a preview would pass
  1    written, but you must fill something in first; the output says what
  2    an answer is wrong or missing; nothing was written
  130  interrupted
"""
