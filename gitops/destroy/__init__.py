"""`gitops destroy`: removes a stack from its cluster, and always finishes.

effects        what goes and what stays, told from the cluster alone
confirmation   what has to be said before workloads go
destruction    one destruction: what was seen, and what follows
carry_out      the steps, each with a bound
beside_state   what carries the stack's mark and Pulumi does not know
plan_text      what is printed before and afterwards
app, help      the command
"""
