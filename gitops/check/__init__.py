"""The check of the repositories that a stack's cluster syncs: who can read what, and what would go wrong there."""
