"""`gitops drift`: what somebody changed in the cluster since the last `pulumi up`, who, and when.

drift          the stack's objects, as the state has them, compared with the cluster
removed_by_up  what the cluster has of the stack besides, and `up` removes
table          what is printed
json_document    the same for scripts
app, help      the command
"""
