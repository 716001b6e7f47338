"""A portfolio book holds the cases that its reader may read with their money, and its sums add up."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pydantic import ValidationError
from pypdf import PdfReader
from sqlmodel import Session, select

from documents.portfolio.context import Group, PortfolioContext, Sums, gather
from documents.render import render
from states.archive.portfolios import portfolio_subject
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.clock import now
from states.errors import Missing
from states.funding.queries import lines_of
from states.funding.tables import Scenario, SourceKind
from states.rights.access import Action, Actor, Role
from states.rights.conditions import permitted_where
from states.rights.scopes import permitted
from tests.documents.conforming import faults_of
from tests.documents.story import text_of
from tests.factories import World, a_collaboration_at, a_world

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def three_cases(session: Session) -> World:
    """One with a chosen plan, one before its protocol, one closed."""
    world = a_world(session)
    for stage, slug in (("bankable", "one"), ("outline", "two"), ("matchmaking", "three")):
        a_collaboration_at(world, stage, slug=slug)
    return world


def test_the_office_has_every_case_and_its_money(session: Session) -> None:
    world = three_cases(session)
    [plan] = lines_of(session, session.exec(select(Scenario).where(Scenario.chosen)).all())

    found = gather(session, subject_id=portfolio_subject(world.partnership.id))

    assert sorted(case.slug for case in found.cases) == ["one", "three", "two"]
    assert found.total.cost == sum(use.amount for use in plan.uses)
    assert found.total.grants == sum(one.amount for one in plan.sources if one.kind is SourceKind.GRANT)
    assert found.total.debt == sum(one.amount for one in plan.sources if one.kind is SourceKind.LOAN)
    assert found.total.cost > 0
    assert sum(group.cases for group in found.stages) == len(found.cases)
    for rows in (found.cases, found.stages, found.regions):
        assert sum((row.sums for row in rows), Sums()) == found.total


def test_an_organisation_has_the_cases_in_which_it_is_a_partner(session: Session) -> None:
    world = three_cases(session)
    inside, outside = world.organisations["gliwice"], world.organisations["katowice"]
    partners = {case.slug for case in gather(session, subject_id=portfolio_subject(world.partnership.id)).cases}

    own = gather(session, subject_id=portfolio_subject(world.partnership.id, inside.id))
    others = gather(session, subject_id=portfolio_subject(world.partnership.id, outside.id))

    assert {case.slug for case in own.cases} == partners
    assert (own.reader, others.cases, others.total) == (inside.name, (), Sums())
    assert "There is no case that this reader may read." in " ".join(
        text_of(render(DocumentKind.PORTFOLIO, others)).split()
    )


def test_the_paper_conforms_and_has_a_bookmark_for_each_case(session: Session) -> None:
    world = three_cases(session)
    found = gather(session, subject_id=portfolio_subject(world.partnership.id))

    content = render(DocumentKind.PORTFOLIO, found)

    outline: list[Any] = PdfReader(BytesIO(content)).outline
    assert [one.title for one in outline if not isinstance(one, list)][-3:] == [
        f"{case.number} {case.title}" for case in found.cases
    ]
    assert faults_of(content) == []
    assert content == render(DocumentKind.PORTFOLIO, found)


def test_figures_that_do_not_add_up_are_no_book(session: Session) -> None:
    world = three_cases(session)
    found = gather(session, subject_id=portfolio_subject(world.partnership.id))
    off = Group(title="Elsewhere", cases=1, sums=Sums(cost=Decimal("0.01")))

    with pytest.raises(ValidationError, match="add up"):
        PortfolioContext(**{**dict(found), "regions": (*found.regions, off)})


@pytest.mark.parametrize("subject", ["nobody", "nobody..nobody"])
def test_of_an_unknown_partnership_there_is_none(session: Session, subject: str) -> None:
    with pytest.raises(Missing):
        gather(session, subject_id=subject)


def test_a_book_is_read_by_whom_it_is_for_and_by_the_managers(session: Session) -> None:
    world = a_world(session)
    inside, outside = world.organisations["gliwice"].id, world.organisations["katowice"].id
    for key in (None, inside):
        session.add(
            IssuedDocument(
                partnership_id=world.partnership.id,
                subject_id=portfolio_subject(world.partnership.id, key),
                kind=DocumentKind.PORTFOLIO,
                document_class=DocumentClass.CONFIDENTIAL,
                title="office" if key is None else "own",
                sha256="0" * 64,
                size=1,
                context_sha256="0" * 64,
                issued_at=now(),
            )
        )
    session.flush()
    partner = Actor(Role.PARTNER, world.partnership.id, organisation_id=inside)
    readers = {
        "own": partner,
        "another": replace(partner, organisation_id=outside),
        "manager": Actor(Role.PROJECT_MANAGER, world.partnership.id),
        "chair": Actor(Role.IAG_CHAIR, world.partnership.id),
        "adviser": Actor(Role.IAG_MEMBER, world.partnership.id),
        "observer": Actor(Role.OBSERVER, world.partnership.id),
    }

    assert {name: read(session, actor) for name, actor in readers.items()} == {
        "own": ["own"],
        "another": [],
        "manager": ["office", "own"],
        "chair": [],
        "adviser": [],
        "observer": [],
    }


def read(session: Session, actor: Actor) -> list[str]:
    """Return the titles that somebody may read, by the condition of SQL and row by row alike."""
    where = permitted_where(session, actor, IssuedDocument, Action.READ_DOCUMENT)
    listed = sorted(one.title for one in session.exec(select(IssuedDocument).where(where)))
    rows = session.exec(select(IssuedDocument)).all()
    alone = sorted(row.title for row in permitted(session, actor, rows, Action.READ_DOCUMENT))
    assert alone == listed
    return listed
