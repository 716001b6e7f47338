"""What a flow run is about, in slugs: its name and tags in Prefect come from here."""

from dataclasses import dataclass

from prefect.runtime import flow_run
from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.outbox.queries import message_by_id
from states.partners.tables import Partnership
from states.review.queries import round_by_id
from states.storage import begin


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

    @property
    def tags(self) -> list[str]:
        """What one filters flow runs by."""
        return [tag for tag in (self.message, self.partnership, self.collaboration) if tag]


def subject_of(message_id: str) -> Subject:
    """Return what a message is about, or raise `Missing`."""
    with begin(read_only=True) as session:
        message = message_by_id(session, message_id)
        collaboration = session.get(Collaboration, message.collaboration_id) if message.collaboration_id else None
        return Subject(
            message=message.name,
            partnership=session.get_one(Partnership, message.partnership_id).slug,
            collaboration=collaboration.slug if collaboration else "",
            detail=_detail(session, message.payload),
        )


def _detail(session: Session, payload: dict[str, str]) -> str:
    if "round_id" in payload:
        return round_by_id(session, payload["round_id"]).panel
    return payload.get("panel") or payload.get("kind") or ""


def run_name() -> str:
    """Name the present flow run: after its message's subject, or after the day where it runs by the clock."""
    message_id = flow_run.parameters.get("message_id")
    flow_name: str = flow_run.flow_name
    return f"{flow_name}/{subject_of(message_id).path if message_id else today().isoformat()}"
