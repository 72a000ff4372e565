"""`gitops destroy`: removes a stack from its cluster, and always ends.

state          what Pulumi's state has of the stack, and the cluster it leads to
effects        what goes and what stays, told from the cluster alone
confirmation   what has to be said before workloads go
carry_out      the steps, each with a bound
plan_text      what is printed before and afterwards
app, help      the command
"""
