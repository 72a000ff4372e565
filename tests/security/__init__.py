"""Attacks: each test is named as what somebody does, and fails where it works."""
