"""Judging: what the API server, Flux or the environment would refuse, found before anything is registered."""
