"""Forges: the servers that host Git repositories, through their REST APIs. `Forge` is what the commands know of one.

`by_host` finds the forge of a repository, `client` is how all of them are asked, and one module speaks the API of each kind.
"""
