"""Release: Flux's install manifests, where they come from and how they are installed."""
