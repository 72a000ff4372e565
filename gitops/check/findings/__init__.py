"""Findings: what is wrong with what Git brings, one module for each subject."""
