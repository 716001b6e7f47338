"""The law of the record: folded over an empty case, the records of change give the case."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Member, MemberPart
from states.crossings.costs import write_protocol
from states.playbooks.editions import playbook_of
from states.schema import METADATA
from states.storage import begin
from tests.factories import a_collaboration, a_world
from tests.laws import often
from tests.unrecorded import unchanged, unlike

TEXTS = st.sampled_from(["", "One.", "One and two.", "żółw"])
COSTS = st.lists(
    st.sampled_from(
        [
            {"organisation": "gliwice", "nuts": "PL229", "category": category, "amount": amount}
            for category in ("Equipment", "Other costs")
            for amount in ("1.00", "1250000.00")
        ]
    ),
    max_size=3,
    unique_by=lambda row: row["category"],
)
EDITS = st.one_of(
    st.tuples(st.just("identity"), st.fixed_dictionaries({}, optional={"acronym": TEXTS, "abstract": TEXTS})),
    st.tuples(st.just("investment_plan"), st.fixed_dictionaries({}, optional={"costs": COSTS})),
    st.tuples(st.just("title"), TEXTS),
    st.tuples(st.just("members"), st.booleans()),
)

# What comes to nothing within a transaction leaves no record: the fold itself is the judge here.
_ANY = [
    f"{name}{of}"
    for name in ("section_draft", "cost_line", "member", "collaboration")
    for of in (": a new row", ": a removed row", *(f".{column.name}" for column in METADATA.tables[name].columns))
]


@pytest.fixture
def case(installation: Path) -> tuple[str, str]:
    with begin() as session:
        world = a_world(session)
        return a_collaboration(world).id, world.organisations["marseille"].id


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@examples(max_examples=often(100), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits=st.lists(st.lists(EDITS, min_size=1, max_size=3), min_size=1, max_size=4))
@example(edits=[[("identity", {"acronym": "One."}), ("identity", {"acronym": ""})]])  # made and written at once
def test_the_records_folded_over_an_empty_case_give_the_case(
    case: tuple[str, str], edits: list[list[tuple[str, object]]]
) -> None:
    """Each inner list is one transaction; rows are made, changed and removed, some of them several times in one."""
    collaboration_id, organisation_id = case
    for together in edits:
        with unchanged(*_ANY), begin() as session:
            row = collaboration_by_id(session, collaboration_id)
            sections = {one.key: one for one in playbook_of(session, row).protocol}
            for what, value in together:
                if isinstance(value, dict):
                    write_protocol(session, row, sections[what], value)
                elif what == "title":
                    row.summary = str(value)
                else:
                    held = [one.member for one in members_of(session, [row.id])[row.id]]
                    found = next((one for one in held if one.organisation_id == organisation_id), None)
                    if value and found is None:
                        session.add(
                            Member(
                                collaboration_id=row.id,
                                organisation_id=organisation_id,
                                part=MemberPart.PARTNER,
                                joined_on=date(2026, 11, 30),
                            )
                        )
                    elif not value and found is not None:
                        session.delete(found)
                session.flush()

    with begin() as session:
        assert "\n".join(unlike(session)) == ""
