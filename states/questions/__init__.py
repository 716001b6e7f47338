"""Questions on a case, and their answers."""
