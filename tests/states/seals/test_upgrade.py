"""What a release without seals has left is sealed at the upgrade, and says so; nothing else ever is."""

import pytest
from sqlmodel import select

from states.archive.evidence.tables import Evidence, FrozenEvidence
from states.checklists.tables import Checklist, ChecklistAnswer
from states.funding.rules.tables import RuleText
from states.schema import downgrade, upgrade
from states.seals.checking import check_seals
from states.seals.seal import Mark
from states.storage import begin, engine
from tests.sealed import a_sealed_case, breaches_now, by_hand


@pytest.fixture
def case(installation: object) -> str:
    with begin() as session:
        return a_sealed_case(session).id


def _marks() -> dict[Mark, int]:
    with engine().connect() as connection:
        return dict(check_seals(connection).marks)


def test_rows_are_sealed_at_the_upgrade_and_say_so(case: str) -> None:
    (made,) = _marks().values()
    with begin(read_only=True) as session:
        later = (RuleText, Evidence, FrozenEvidence, Checklist, ChecklistAnswer)  # no older release has any
        lost = sum(len(session.exec(select(one)).all()) for one in later)
    downgrade(engine(), to="0014")
    upgrade(engine())

    assert breaches_now() == []
    assert _marks() == {Mark.UPGRADE: made - lost}


def test_a_line_that_did_not_fit_its_checksum_is_marked(case: str) -> None:
    downgrade(engine(), to="0014")
    by_hand("UPDATE history_line SET reason = 'So.' WHERE number = 3")
    upgrade(engine())

    assert breaches_now() == [f"collaboration:{case}: line of the history 3 did not fit its checksum at the upgrade"]


def test_who_takes_the_seals_away_gets_no_new_ones(case: str) -> None:
    by_hand("DELETE FROM seal_tip")
    by_hand("UPDATE evaluation SET seal = '', reason = 'So.'")
    upgrade(engine())

    found = breaches_now()

    assert (
        f"collaboration:{case}: the stage or the opening {case} belongs to a case for which nothing is sealed" in found
    )
