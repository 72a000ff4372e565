"""`gitops up`: `pulumi up`, faster on request, and with the reason where a controller does not come up.

app, help      the command
"""
