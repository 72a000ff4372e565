"""Messages: what the commands of the embedded cluster print.

errors          the exception whose three parts a person reads
refusals        what the system or a server refused, as such an error
shell_commands  how the commands of one cluster are called, to be pasted
progress        a sign of life from a step that takes long
numbered_steps  the steps of a command, counted
"""
