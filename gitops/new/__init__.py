"""New: `gitops new` asks what a cluster of one's own is, and writes its two files. It reads no secret and writes none."""
