"""`gitops up`: `pulumi up`, faster on request, and with the reason where a controller does not come up.

state_file     the state in a directory of this machine, read before pulumi runs
interrupted    what a killed run left in a file backend, removed
why            what is printed of a controller that does not come up, and the way back
app, help      the command
"""
