"""`gitops render`: the objects of stacks as YAML."""
