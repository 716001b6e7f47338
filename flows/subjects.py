"""What a flow run is about, in slugs: its name and tags in Prefect come from here."""

from dataclasses import dataclass

from prefect.runtime import flow_run
from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.outbox.queries import event_by_id
from states.partners.tables import Partnership
from states.review.queries import round_by_id
from states.storage import begin


@dataclass(frozen=True, slots=True)
class Subject:
    """An event's partnership, its collaboration if it has one, and which panel or kind of document it names."""

    event: str
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
        return [tag for tag in (self.event, self.partnership, self.collaboration) if tag]


def subject_of(event_id: str) -> Subject:
    """Return what an event is about, or raise `Missing`."""
    with begin(read_only=True) as session:
        event = event_by_id(session, event_id)
        collaboration = session.get(Collaboration, event.collaboration_id) if event.collaboration_id else None
        return Subject(
            event=event.name,
            partnership=session.get_one(Partnership, event.partnership_id).slug,
            collaboration=collaboration.slug if collaboration else "",
            detail=_detail(session, event.payload),
        )


def _detail(session: Session, payload: dict[str, str]) -> str:
    if "round_id" in payload:
        return round_by_id(session, payload["round_id"]).panel
    return payload.get("panel") or payload.get("kind") or ""


def run_name() -> str:
    """Name the present flow run: after its event's subject, or after the day where it runs by the clock."""
    event_id = flow_run.parameters.get("event_id")
    flow_name: str = flow_run.flow_name
    return f"{flow_name}/{subject_of(event_id).path if event_id else today().isoformat()}"
