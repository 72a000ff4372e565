"""Gitea: the real server, its repositories, charts and encrypted files."""
