"""A partnership of one's own: everything that it needs for a first collaboration, made in one step."""
