"""Doctor: `gitops doctor` looks at what a run needs, on this machine and within reach. It changes nothing and prints no secret."""
