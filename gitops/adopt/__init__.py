"""`gitops adopt`: from a cluster that runs Flux to a stack, without a new pod and without losing what Flux applied.

origin            which tool installed the Flux that runs
adoption          which of its objects become the stack's, and which stay with Git
release_options   how its installation differs from the release
installed_difference  the patch for what no option says
credential_types  what a Secret is as a credential, and where its secrets are
description       the stack file and the catalog as documents
written_files     the same as text
ending            what ends the former ownership, step by step, each checked in the cluster
leaving_git       the steps for what is applied from Git until now
running_shards    the shards of a running Flux
other_tools       the steps for Terraform, flux-operator and Helm
hand_over_step    what a step is
adoption_report   what is printed
release_at_hand   the release that runs, and its manifests
clone_at_hand     what the clone has of the stack already
secret_values     secret values into the encrypted configuration
app, help         the command
"""
