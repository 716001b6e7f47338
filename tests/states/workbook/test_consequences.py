"""What a file does beside its rows: mails that go out, people who are invited, roles that end."""

from collections.abc import Sequence

import pytest
from sqlmodel import Session, select

from states.funding.catalogue.loading import catalogue_of_places
from states.funding.queries import instruments_of
from states.funding.tables import Instrument
from states.mail.tables import Mail, MailKind
from states.partners.queries import find_grants
from states.partners.tables import Partnership
from states.rights.access import Role
from states.workbook.files import read_file
from states.workbook.importing import ImportInvalid, SheetReport, import_workbook, read_workbook
from tests.expect import places
from tests.states.workbook.sheets_in import FULL, Cell, a_partnership, a_workbook, bring_in

EVENT = ["name", "held_on", "kind", "audience", "announced"]
PERSON = ["email", "label", "role", "organisation", "region", "invite", "ends"]


@pytest.fixture
def filled(session: Session) -> Partnership:
    partnership = a_partnership(session)
    bring_in(session, partnership, {name: FULL[name] for name in ("regions", "organisations", "people")})
    return partnership


def bring(session: Session, partnership: Partnership, sheet: str, *rows: Sequence[Cell]) -> SheetReport:
    [report] = import_workbook(session, partnership, read_workbook(read_file(a_workbook({sheet: rows}), name="x")))
    return report


def test_an_event_tells_its_audience_once_it_is_announced(session: Session, filled: Partnership) -> None:
    fair = ["Fair", "2127-05-04", "outreach", "partner"]
    planned = bring(session, filled, "events", EVENT, [*fair, None])
    partners = bring(session, filled, "events", EVENT, [*fair, "yes"])
    everybody = bring(session, filled, "events", EVENT, ["Plenary", "2127-06-04", "plenary", None, "yes"])
    again = bring(session, filled, "events", EVENT, ["Fair", "2127-05-04", "outreach", "Partner", "yes"])

    assert [(one.added, one.changed, one.mails, len(one.told)) for one in (planned, partners, everybody, again)] == [
        (1, 0, 0, 0),
        (0, 1, 1, 1),
        (1, 0, 2, 2),
        (0, 0, 0, 0),
    ]
    assert partners.told == ("head of research",)
    with pytest.raises(ImportInvalid) as caught:
        bring(session, filled, "events", EVENT, [*fair, "no"])
    assert places(caught.value) == ["events, row 2, announced (E2)"]
    with pytest.raises(ImportInvalid) as caught:
        bring(session, filled, "events", EVENT, ["Fair", "2127-05-04", "outreach", "observer", "yes"])
    assert places(caught.value) == ["events, row 2, audience (D2)"]


def test_who_is_new_is_invited_once(session: Session, filled: Partnership) -> None:
    line = ["new@polar.example", "director", "partner", "polar", None, "yes", None]

    reports = [bring(session, filled, "people", PERSON, line) for _ in range(2)]

    assert [(one.added, one.unchanged, one.mails) for one in reports] == [(1, 0, 1), (0, 1, 0)]
    assert [mail.kind for mail in session.exec(select(Mail))] == [MailKind.ROLE_GIVEN]


def test_a_role_ends_and_another_cannot(session: Session, filled: Partnership) -> None:
    line = ["research@bone.example", "head of research", "partner", "bone", None, None, "yes"]

    ended = bring(session, filled, "people", PERSON, line)

    assert (ended.changed, session.exec(find_grants(filled.id, role=Role.PARTNER)).all()) == (1, [])
    with pytest.raises(ImportInvalid) as caught:
        bring(session, filled, "people", PERSON, line)
    assert places(caught.value) == ["people, row 2, ends (G2)"]


def test_a_region_brings_the_programmes_that_may_pay_in_it(session: Session) -> None:
    partnership = a_partnership(session)
    heading = ["slug", "name", "codes"]
    lines = [["silesia", "Silesia", "PL22"], ["aragon", "Aragón", "ES24"]]

    bring(session, partnership, "regions", heading, lines[0])
    first = _programmes(session, partnership)
    bring(session, partnership, "instruments", ["slug", "name"], ["erdf-pl22", "Śląskie 2021-2027"])
    bring(session, partnership, "regions", heading, *lines)
    both = _programmes(session, partnership)
    renamed = bring(session, partnership, "regions", heading, *lines[:1], ["aragon", "Aragon", "ES24"])

    own = {row.slug: row.name for row in both if row.slug.startswith("erdf")}
    assert [row.slug for row in first if row.slug.startswith("erdf")] == ["erdf-pl22"]
    assert own == {"erdf-pl22": "Śląskie 2021-2027", "erdf-es24": "ERDF programme Aragón, 2021-2027"}
    assert {row.slug for row in both} == {row.slug for row in catalogue_of_places(["PL22", "ES24"]).instruments}
    assert (renamed.changed, _programmes(session, partnership)) == (1, both)


def _programmes(session: Session, partnership: Partnership) -> list[Instrument]:
    return list(instruments_of(session, partnership.id))
