"""`gitops up`: `pulumi up`, faster on request, and with the reason where a controller does not come up.

interrupted    what a killed run left in a file backend and in the state, removed
state_file     the state before the run
app, help      the command
"""
