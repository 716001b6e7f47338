"""Likely conflicts: organisation, e-mail domain, each tie now, within the look-back, and longer ago."""

from datetime import UTC, date, datetime

import pytest

from states.review.conflicts.likely import Applicant, Reviewer, likely_conflicts, years_before
from states.review.conflicts.tables import ConflictKind, Relation, Tie

TODAY = date(2026, 11, 22)
CENTRE = Applicant("centre", "Implant Centre", frozenset({"centre.example.org"}))
OTHER = Applicant("other", "Other", frozenset())
STRONG = {Tie.EMPLOYED, Tie.DIRECTOR, Tie.SHAREHOLDER, Tie.FAMILY}


def _tie(tie: Tie, *, since: date = date(2015, 1, 1), until: date | None = None) -> Relation:
    declared = datetime(2026, 1, 1, tzinfo=UTC)
    return Relation(
        person_id="somebody", organisation_id="centre", tie=tie, since=since, until=until, declared_at=declared
    )


def _reviewer(*relations: Relation, organisation: str | None = None, email: str = "a@b.example.org") -> Reviewer:
    return Reviewer("somebody", organisation, email, relations)


def _found(
    reviewer: Reviewer, *applicants: Applicant, on: date = TODAY, lookback: int = 3
) -> list[tuple[ConflictKind, str, str]]:
    """Return kind, organisation and message of what is likely."""
    found = likely_conflicts(reviewer, applicants or (CENTRE,), on=on, lookback=lookback)
    return [(one.kind, one.organisation_id, one.message) for one in found]


def test_who_has_nothing_to_do_with_it_has_no_conflict() -> None:
    assert _found(_reviewer(organisation="elsewhere"), CENTRE, OTHER) == []


def test_the_own_organisation_disqualifies() -> None:
    expected = (ConflictKind.DISQUALIFYING, "centre", "belongs to Implant Centre, a partner")
    assert _found(_reviewer(organisation="centre")) == [expected]


@pytest.mark.parametrize("email", ["a@centre.example.org", "A@Centre.Example.ORG", "a@labs.centre.example.org"])
def test_the_domain_of_an_address_and_its_sub_domains_disqualify(email: str) -> None:
    message = "has an e-mail address of Implant Centre, a partner"
    assert _found(_reviewer(email=email)) == [(ConflictKind.DISQUALIFYING, "centre", message)]


def test_a_domain_is_compared_whatever_its_case() -> None:
    loud = Applicant("centre", "Implant Centre", frozenset({"Centre.Example.org"}))
    assert len(_found(_reviewer(email="a@centre.example.org"), loud)) == 1


def test_an_address_of_the_house_above_may_be_a_conflict() -> None:
    [(kind, organisation, _)] = _found(_reviewer(email="a@example.org"))

    assert (kind, organisation) == (ConflictKind.POTENTIAL, "centre")


@pytest.mark.parametrize("email", ["a@notcentre.example.org", "centre.example.org@b.example.org"])
def test_a_domain_that_only_looks_alike_is_no_conflict(email: str) -> None:
    assert _found(_reviewer(email=email)) == []


@pytest.mark.parametrize("tie", Tie)
@pytest.mark.parametrize("until", [None, TODAY, date(2027, 1, 1)])
def test_a_tie_that_lasts(tie: Tie, until: date | None) -> None:
    kind = ConflictKind.DISQUALIFYING if tie in STRONG else ConflictKind.POTENTIAL
    message = f"{tie.value} with Implant Centre, a partner"
    found = _found(_reviewer(_tie(tie, until=until)))
    assert found == [(kind, "centre", message)]


@pytest.mark.parametrize("tie", Tie)
@pytest.mark.parametrize("until", [date(2026, 11, 21), date(2023, 11, 22)])
def test_a_tie_that_ended_within_the_look_back_is_potential(tie: Tie, until: date) -> None:
    shown = f"{until.day} November {until.year}"
    message = f"{tie.value} with Implant Centre, a partner, until {shown}: less than 3 years ago"
    found = _found(_reviewer(_tie(tie, until=until)))
    assert found == [(ConflictKind.POTENTIAL, "centre", message)]


@pytest.mark.parametrize("tie", Tie)
def test_a_tie_that_ended_longer_ago_is_none(tie: Tie) -> None:
    assert _found(_reviewer(_tie(tie, until=date(2023, 11, 21)))) == []


def test_the_playbook_says_how_far_one_looks_back() -> None:
    reviewer = _reviewer(_tie(Tie.CONTRACT, until=date(2022, 1, 1)))
    assert [len(_found(reviewer, lookback=years)) for years in (0, 4, 5)] == [0, 0, 1]


def test_a_tie_to_another_organisation_is_no_conflict_here() -> None:
    assert _found(_reviewer(_tie(Tie.FAMILY)), OTHER) == []


def test_disqualifying_ones_come_first_and_none_is_lost() -> None:
    reviewer = _reviewer(_tie(Tie.CONTRACT), organisation="other", email="a@centre.example.org")
    found = [(kind, organisation) for kind, organisation, _ in _found(reviewer, CENTRE, OTHER)]
    assert found == [
        (ConflictKind.DISQUALIFYING, "centre"),
        (ConflictKind.DISQUALIFYING, "other"),
        (ConflictKind.POTENTIAL, "centre"),
    ]


@pytest.mark.parametrize(
    ("day", "years", "before"),
    [
        (date(2026, 11, 22), 3, date(2023, 11, 22)),
        (date(2024, 2, 29), 3, date(2021, 2, 28)),
        (date(2024, 2, 29), 4, date(2020, 2, 29)),
        (date(2024, 2, 29), 0, date(2024, 2, 29)),
    ],
)
def test_years_before(day: date, years: int, before: date) -> None:
    assert years_before(day, years) == before


def test_on_29_february_the_28th_three_years_before_still_counts() -> None:
    leap = date(2024, 2, 29)
    until = [date(2021, 2, 27), date(2021, 2, 28), date(2021, 3, 1)]
    found = [len(_found(_reviewer(_tie(Tie.RESEARCH, until=end)), on=leap)) for end in until]
    assert found == [0, 1, 1]
