"""Toolchain: building or downloading the programs that the embedded cluster runs."""
