"""What the mails of notices say, and to whom: never a word of a dossier, a score or a reviewer's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from documents.mails.values import values_of
from states.collaborations.blinding import blind_title
from states.collaborations.officers import office_of
from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Collaboration
from states.crossings.review.rounds import panel_of
from states.funding.queries import scenario_by_id
from states.mail.addresses import address
from states.mail.tables import MailKind
from states.outbox.tables import OutboxMessage
from states.partners.queries import holders, regions_of, site_region
from states.review.definition import PanelKind
from states.review.queries import decision_of, round_by_id, seats_of
from states.review.tables import ReviewRound, RoundState, Seat
from states.rights.access import Action, Role, Scope, may


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person about one subject (the seat, the message or the round that it tells of)."""

    kind: MailKind
    subject_id: str
    person_id: str
    values: Mapping[str, object]

    @property
    def key(self) -> str:
        """What the mail is known by for ever: nobody is told twice of one subject."""
        return f"{self.kind.value}:{self.subject_id}:{self.person_id}"


def invitation(session: Session, message: OutboxMessage) -> list[Letter]:
    """Invite who took a seat: title, regions and where to declare. None where the seat or the round has ended."""
    row, collaboration = _review(session, message)
    sitting = [(seat, person) for seat, person in seats_of(session, row.id) if seat.id == message.payload["seat_id"]]
    if row.state is not RoundState.OPEN:
        return []
    panel = panel_of(session, row)
    values = values_of(
        MailKind.INVITATION,
        title=blind_title(session, collaboration) if panel.blind else collaboration.title,
        regions=_regions(session, collaboration),
        panel=panel.title,
        due_on=row.due_on,
        agreement=address("me/agreement"),
        declaration=address(f"rounds/{row.id}/declaration"),
        withdrawal=address(f"rounds/{row.id}/withdrawal"),
        briefing=address(f"rounds/{row.id}") if panel.kind is PanelKind.POSITIONS else None,
    )
    return [Letter(MailKind.INVITATION, seat.id, person.id, values) for seat, person in sitting]


def shortage(session: Session, message: OutboxMessage) -> list[Letter]:
    """Tell whoever runs the review that seats stay open, what would mend it, and whether a quorum can be had."""
    row, collaboration = _review(session, message)
    panel = panel_of(session, row)
    seats = [seat for seat, _ in seats_of(session, row.id)]
    values = values_of(
        MailKind.SHORTAGE,
        title=collaboration.title,
        panel=panel.title,
        open=message.payload["message"].splitlines(),
        answers=_possible_answers(seats),
        quorum=panel.quorum,
        due_on=row.due_on,
        link=address(f"rounds/{row.id}"),
    )
    people = office_of(session, collaboration, Role.IAG_SECRETARY, Role.PROJECT_MANAGER)
    return [Letter(MailKind.SHORTAGE, message.id, person, values) for person in people]


def decision(session: Session, message: OutboxMessage) -> list[Letter]:
    """Tell project managers and the partners' people of a released decision: the outcome and its conditions."""
    row, collaboration = _review(session, message)
    released = decision_of(session, row.id)
    if released is None or released.released_at is None:
        return []
    values = values_of(
        MailKind.DECISION,
        title=collaboration.title,
        panel=panel_of(session, row).title,
        outcome=released.outcome,
        conditions=released.conditions,
        link=address(f"rounds/{row.id}/decision"),
    )
    partners = frozenset(entry.organisation.id for entry in members_of(session, [collaboration.id])[collaboration.id])
    scope = Scope(collaboration.partnership_id, organisation_ids=partners)
    people = {
        one.person.id
        for one in holders(session, collaboration.partnership_id, Role.PARTNER)
        if may(one.grant.actor(), Action.READ_DECISION, scope)
    } | {*office_of(session, collaboration, Role.PROJECT_MANAGER)}
    return [Letter(MailKind.DECISION, row.id, person, values) for person in sorted(people)]


def stale_scenario(session: Session, message: OutboxMessage) -> list[Letter]:
    """Tell project managers that a chosen scenario no longer holds; nobody if it holds again, or is chosen no more."""
    row = scenario_by_id(session, message.payload["scenario"])
    collaboration = collaboration_by_id(session, row.collaboration_id)
    reasons = len(row.breaches) + len(row.stale)
    if not row.chosen or not reasons:
        return []
    values = values_of(
        MailKind.SCENARIO_STALE,
        title=collaboration.title,
        scenario=row.name,
        reasons=reasons,
        link=address(f"scenarios/{row.id}"),
    )
    people = office_of(session, collaboration, Role.PROJECT_MANAGER)
    return [Letter(MailKind.SCENARIO_STALE, message.id, person, values) for person in people]


def _review(session: Session, message: OutboxMessage) -> tuple[ReviewRound, Collaboration]:
    row = round_by_id(session, message.payload["round_id"])
    return row, collaboration_by_id(session, row.collaboration_id)


def _regions(session: Session, collaboration: Collaboration) -> list[str]:
    known = regions_of(session, collaboration.partnership_id)
    sites = [entry.organisation.nuts for entry in members_of(session, [collaboration.id])[collaboration.id]]
    found = (site_region(site, known) for site in sites)
    return list(dict.fromkeys(region.name for region in found if region is not None))


def _possible_answers(seats: Sequence[Seat]) -> int:
    """Count who may still answer: each reviewer, or each region that has somebody."""
    return len({seat.region_id or seat.id for seat in seats})
