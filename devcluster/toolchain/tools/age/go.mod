module devcluster/tools/age

go 1.26.0

require filippo.io/age v1.3.1

// The versions that all tools share, so that one build compiles each package once: docs/cold-start.md.
require (
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/term v0.45.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)
