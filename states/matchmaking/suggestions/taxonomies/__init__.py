"""Taxonomies that are shipped."""
