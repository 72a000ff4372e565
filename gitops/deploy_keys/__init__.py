"""`gitops deploy-key`: the stack's generated SSH keys at Gitea. Registers them, lists them, and retires those that went out of use."""
