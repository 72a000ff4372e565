"""Program: this repository's Pulumi program, run on the embedded cluster."""
