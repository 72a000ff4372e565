"""Credentials: one module for each type, and one class in it. `every_type` lists them.

A class says what the rest of the program does with its type: its fields in the stack file, its secret keys, the entries of the
Secret that Flux reads, how a supplied value is checked, what a host adds, where sources can use it, and how plain git logs in with
it. No secret enters a model: what needs one is given a reader of secrets.
"""
