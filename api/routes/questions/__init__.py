"""Routes of questions on cases, and of their answers."""
