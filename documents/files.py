"""Where the house's own files lie; naming them loads nothing."""

from pathlib import Path

HOUSE = Path(__file__).parent
