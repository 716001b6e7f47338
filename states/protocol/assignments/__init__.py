"""Sections of a protocol that are given to people to write."""
