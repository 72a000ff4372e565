"""What Flux does with a change: both sides are built as `gitops check` builds them, and compared object by object."""
