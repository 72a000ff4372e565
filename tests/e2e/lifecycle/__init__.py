"""What happens to a cluster and its stack over time: a lost state, two stacks, a Flux that was there before, a killed `up`."""
