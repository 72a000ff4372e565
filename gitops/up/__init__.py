"""`gitops up`: `pulumi up`, faster on request, and with the reason where a controller does not come up.

interrupted    what a killed run left in a file backend, removed
app, help      the command
"""
