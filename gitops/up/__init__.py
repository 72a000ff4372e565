"""`gitops up`: `pulumi up`, faster on request, and with the reason where a controller does not come up.

state_file     the state in a directory of this machine, read before pulumi runs
interrupted    what a killed run left in a file backend, removed
app, help      the command
"""
