"""Seals over what people sign and decide: see `README.md`."""

from states.seals.declared import SEALED, SealedRow, sealed
from states.seals.seal import Mark
from states.seals.sealing import seal_inserted, seal_next, tie_seals
from states.seals.tables import SealTip

__all__ = ["SEALED", "Mark", "SealTip", "SealedRow", "seal_inserted", "seal_next", "sealed", "tie_seals"]
