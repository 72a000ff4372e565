"""Controllers: the Flux controllers as host processes that follow their live Deployments."""
