"""What a test says of seals: everything that is not as it was sealed, in words."""

from sqlmodel import Session

from states.seals import tie_seals
from states.seals.checking import check_seals


def breaches(session: Session) -> list[str]:
    """Return every breach with its scope, and what cannot be checked."""
    tie_seals(session)
    checked = check_seals(session.connection())
    return [f"{one.scope}: {one.said}" for one in checked.breaches] + [f"no key {key}" for key in checked.keys]
