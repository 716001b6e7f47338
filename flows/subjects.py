"""What a flow run is about, in slugs: its name and tags in Prefect, and those of its tasks, come from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prefect.runtime import flow_run
from sqlmodel import col, select

from states.clock import today
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.outbox.tables import OutboxMessage
from states.partners.tables import Partnership
from states.review.tables import ReviewRound
from states.storage import begin

# Each event of a run and of its tasks carries them all, each a row at Prefect's server, which takes a hundred at most.
MOST_TAGS = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """A message's partnership, its collaboration if it has one, and which panel or kind of document it names."""

    message: str
    partnership: str
    collaboration: str
    detail: str

    @property
    def path(self) -> str:
        """The narrowest slugs that tell this run from its neighbours."""
        return "/".join(part for part in (self.collaboration or self.partnership, self.detail) if part)


def subjects_of(message_ids: Sequence[str]) -> dict[str, Subject]:
    """Return what each of these messages is about, by its id, or raise `Missing`."""
    with begin(read_only=True) as session:
        found = session.exec(
            select(OutboxMessage, Partnership.slug, Collaboration.slug)
            .join(Partnership, col(Partnership.id) == col(OutboxMessage.partnership_id))
            .outerjoin(Collaboration, col(Collaboration.id) == col(OutboxMessage.collaboration_id))
            .where(col(OutboxMessage.id).in_(message_ids))
        ).all()
        rounds = {message.payload.get("round_id", "") for message, _, _ in found}
        asked = select(ReviewRound.id, ReviewRound.panel).where(col(ReviewRound.id).in_(rounds))
        panels = dict(session.exec(asked).all())
    subjects = {
        message.id: Subject(message.name, partnership, collaboration or "", _detail(message.payload, panels))
        for message, partnership, collaboration in found
    }
    for message_id in message_ids:
        if message_id not in subjects:
            raise Missing("message", message_id)
    return subjects


def _detail(payload: Mapping[str, str], panels: Mapping[str, str]) -> str:
    return panels.get(payload.get("round_id", "")) or payload.get("panel") or payload.get("kind") or ""


def tags_of(message_ids: Sequence[str]) -> list[str]:
    """Return what one filters flow runs by: names of messages, then partnerships, then collaborations."""
    subjects = subjects_of(message_ids).values()
    tags = [
        *(one.message for one in subjects),
        *(one.partnership for one in subjects),
        *(one.collaboration for one in subjects if one.collaboration),
    ]
    return list(dict.fromkeys(tags))[:MOST_TAGS]


def run_name() -> str:
    """Name the present flow run: after what its messages are about, or after the day where it runs by the clock."""
    message_ids = flow_run.parameters.get("message_ids")
    flow_name: str = flow_run.flow_name
    if not message_ids:
        return f"{flow_name}/{today().isoformat()}"
    first, *others = dict.fromkeys(subject.path for subject in subjects_of(message_ids).values())
    return f"{flow_name}/{first}" + (f" and {len(others)} more" if others else "")
