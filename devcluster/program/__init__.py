"""Program: this repository's Pulumi program, run on an embedded cluster, and what Flux makes of it.

shell_environment     the variables by which a stack, git and kubectl meet the cluster
missing_repositories  whether Gitea has what the stack names
pulumi_stack          `pulumi up` of the dev stack
pulumi_repair         going on after a Pulumi that was killed
pulumi_processes      the processes of Pulumi that work in one home, so that none outlives it
waiting_for_flux      until everything is ready at the newest commits
registered_keys       the SSH keys that the stack generated, known to Gitea
repository_check      `gitops check` of the dev stack
"""
