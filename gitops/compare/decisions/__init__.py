"""What a person should decide: one sentence each, of what a change does that cannot be undone, or that trusts somebody more."""
