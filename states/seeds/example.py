"""The example that everybody may look at: the S3 partnership for medical technology, as its report describes it."""

from collections.abc import Sequence

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.funding.catalogue.loading import load_catalogue, shipped_catalogue
from states.partners.tables import Partnership
from states.seeds.registry import load_registry
from states.seeds.situation import load_report, load_situation


def load_example(session: Session) -> tuple[Partnership, Sequence[Collaboration]]:
    """Load the example and return it with the collaborations that are new; what is there stays."""
    partnership = load_registry(session)
    load_catalogue(session, partnership.id, shipped_catalogue())
    opened = load_situation(session, partnership)
    load_report(session, partnership)
    return partnership, opened
