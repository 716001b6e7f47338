"""Sentences by code: what is said of refusals, errors and faults, in the language of whoever reads it."""

from states.texts.text import Text, Value

__all__ = ["Text", "Value"]
