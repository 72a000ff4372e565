"""Fetch: the commits that source-controller would fetch, checked out."""
