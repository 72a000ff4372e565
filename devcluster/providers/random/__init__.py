"""The stand-in for `pulumi-resource-random`.

provider  the engine's calls
generate  what each resource is made of
"""
