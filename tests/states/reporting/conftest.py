"""A small partnership with a little history, so that every figure has something to count."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, select

from states import clock
from states.collaborations.service import Joining, add_collaboration
from states.collaborations.tables import Collaboration, HistoryLine, Member, MemberPart
from states.partners.tables import (
    AreaPart,
    EventKind,
    Initiative,
    Membership,
    Organisation,
    OrganisationKind,
    Partnership,
    PartnershipEvent,
    PartnershipKind,
    Region,
    WorkingArea,
    WorkingAreaRegion,
)
from states.rights.access import Role

REASON = "The lead region's staff changed."


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.fixture
def partnership(session: Session) -> Partnership:
    """Four regions (one of them gone), one working area, five events, one initiative, four organisations."""
    row = Partnership(slug="p", name="Medical technology", kind=PartnershipKind.TSSP, playbook="s3")
    session.add(row)
    session.flush()
    regions = {
        code: Region(
            partnership_id=row.id, slug=slug, name=name, country=country, codes=[code], leading=leads, valid_until=until
        )
        for slug, name, country, code, leads, until in (
            ("upper-silesia", "Upper Silesia", "PL", "PL22", True, None),
            ("rhone", "Rhône", "FR", "FRK", False, None),
            ("tuscany", "Tuscany", "IT", "ITI1", False, None),
            ("scotland", "Scotland", "GB", "UKM", False, date(2019, 6, 30)),
        )
    }
    area = WorkingArea(partnership_id=row.id, number=1, name="Implants", other_actors="a hospital")
    session.add_all([*regions.values(), area])
    session.flush()
    for code, part in (("PL22", AreaPart.IN_CHARGE), ("ITI1", AreaPart.INVOLVED)):
        session.add(WorkingAreaRegion(working_area_id=area.id, region_id=regions[code].id, part=part))
    for name, kind, held_on in (
        ("Plenary 2018", EventKind.PLENARY, "2018-10-01"),
        ("Plenary 2019", EventKind.PLENARY, "2019-10-24"),
        ("Open day", EventKind.OUTREACH, "2020-03"),
        ("Steering", EventKind.STEERING_COMMITTEE, "2020-05-04"),
        ("Mid-year plenary", EventKind.PLENARY, "2020~mid"),
    ):
        session.add(PartnershipEvent(partnership_id=row.id, name=name, kind=kind, held_on=held_on, place="Lyon"))
    session.add(Initiative(partnership_id=row.id, name="AI4Diag", programme="COSME", lead="A cluster"))
    for slug, sort, country, nuts in (
        ("cluster", OrganisationKind.CLUSTER, "PL", "PL229"),
        ("firm", OrganisationKind.SME, "FR", "FRK26"),
        ("authority", OrganisationKind.AUTHORITY, "PL", "PL22"),
        ("laboratory", OrganisationKind.UNIVERSITY, "IT", "ITI19"),
    ):
        organisation = Organisation(slug=slug, name=slug, kind=sort, country=country, nuts=nuts)
        session.add(organisation)
        session.flush()
        if slug != "laboratory":
            session.add(Membership(partnership_id=row.id, organisation_id=organisation.id))
    session.flush()
    return row


@pytest.fixture
def collaborations(session: Session, partnership: Partnership) -> dict[str, Collaboration]:
    """Four collaborations: one that came on and back, a new one, one that was dropped, one of the next half-year."""
    known = {row.slug: row for row in session.exec(select(Organisation))}
    centre = _open(session, partnership, "centre", [known["cluster"], known["firm"]], noon(2019, 10, 25))
    new = _open(session, partnership, "new", [known["laboratory"], known["firm"]], noon(2020, 2, 3))
    dropped = _open(session, partnership, "dropped", [known["cluster"], known["firm"]], noon(2019, 9, 2))
    later = _open(session, partnership, "later", [known["laboratory"], known["cluster"]], noon(2020, 7, 1))
    _history(
        session,
        centre,
        [
            ("draft_outline", "matchmaking", "outline", noon(2019, 12, 31), ""),
            ("start_protocol", "outline", "investment_protocol", noon(2020, 1, 10), ""),
            ("rework", "investment_protocol", "outline", noon(2020, 6, 30), "The scope was too wide."),
            ("start_protocol", "outline", "investment_protocol", noon(2020, 7, 1), ""),
        ],
    )
    _history(session, dropped, [("drop", "matchmaking", "dropped", noon(2020, 2, 5), REASON)])
    return {row.slug: row for row in (centre, new, dropped, later)}


def _open(
    session: Session, partnership: Partnership, slug: str, members: list[Organisation], at: datetime
) -> Collaboration:
    with clock.at(at):
        return add_collaboration(
            session,
            partnership_id=partnership.id,
            slug=slug,
            title=slug.title(),
            playbook="s3@1",
            stage="matchmaking",
            members=[Joining(members[0], MemberPart.LEAD), *(Joining(one) for one in members[1:])],
        )


def _history(session: Session, row: Collaboration, moves: Iterable[tuple[str, str, str, datetime, str]]) -> None:
    for number, (move, source, target, at, reason) in enumerate(moves, start=1):
        session.add(
            HistoryLine(
                collaboration_id=row.id,
                number=number,
                at=at,
                move=move,
                from_stage=source,
                to_stage=target,
                actor_role=Role.PROJECT_MANAGER,
                reason=reason,
                seal=f"{row.slug} {number}",
            )
        )
    session.flush()


@pytest.fixture
def left_early(session: Session, collaborations: dict[str, Collaboration]) -> Member:
    """The firm's part in the new collaboration, ended within the half-year."""
    query = select(Member).where(Member.collaboration_id == collaborations["new"].id, Member.part == MemberPart.PARTNER)
    member = session.exec(query).one()
    member.left_on = date(2020, 5, 1)
    session.flush()
    return member
