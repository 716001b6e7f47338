"""The redline: what changed between two frozen versions of a protocol."""
