"""The stand-in for `pulumi-resource-random`."""
