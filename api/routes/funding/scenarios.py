"""Routes of funding scenarios: sources and uses to the cent, and the choice of one."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session, col, select

from api.http.access import COLLABORATION, SCENARIO, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Named, Output, Prose, Slug, Text
from states.collaborations.queries import collaboration_by_id, members_of
from states.collaborations.tables import Collaboration
from states.crossings.rights.collaborations import blinding_of
from states.crossings.scenarios.choice import choose
from states.funding.queries import ScenarioLines, instruments_of, lines_of, scenarios_of
from states.funding.service import SourceLine, UseLine, add_scenario, set_source_status
from states.funding.tables import Instrument, Scenario, SourceKind, SourceStatus
from states.partners.tables import Organisation
from states.protocol.queries import version_numbered, version_numbers
from states.rights.access import Action
from states.rights.scopes import permitted

router = APIRouter(tags=["funding"], route_class=Idempotent)

ReadAll = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING))]
EditAll = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_FUNDING))]
Read = Annotated[Scenario, Depends(Allowed(SCENARIO, Action.READ_FUNDING))]
Edit = Annotated[Scenario, Depends(Allowed(SCENARIO, Action.EDIT_FUNDING))]


class UseIn(Input):
    model_config = example(organisation="medtech-gliwice", category="Equipment", amount="180000.00")

    organisation: Slug
    category: Line
    amount: Money


class SourceIn(Input):
    model_config = example(organisation="medtech-gliwice", kind="own_cash", status="idea", amount="180000.00")

    organisation: Slug = Field(description="the partner that receives or brings it")
    kind: SourceKind
    status: SourceStatus
    amount: Money
    instrument: Slug | None = None


class ScenarioIn(Input):
    model_config = example(
        name="Regional grant and own means",
        protocol_version=1,
        uses=[{"organisation": "medtech-gliwice", "category": "Equipment", "amount": "180000.00"}],
        sources=[{"organisation": "medtech-gliwice", "kind": "own_cash", "status": "idea", "amount": "180000.00"}],
    )

    name: Line
    protocol_version: int = Field(description="the number of a frozen version")
    uses: list[UseIn] = Field(max_length=1000)
    sources: list[SourceIn] = Field(max_length=1000)
    gap: Money = Field(default=Decimal("0.00"), description="EUR that no source covers, stated")
    note: Prose = ""
    illustrative: bool = False


class SourcePatch(Input):
    model_config = example(status="committed")

    status: SourceStatus


class UseOut(Output):
    organisation: Named
    category: Text
    amount: Money


class SourceOut(Output):
    organisation: Named
    kind: SourceKind
    status: SourceStatus
    amount: Money
    instrument: str | None


class ScenarioOut(Output):
    id: str
    collaboration_id: str
    protocol_version: int
    name: Text
    note: Text
    uses: list[UseOut]
    sources: list[SourceOut]
    gap: Money
    total: Money = Field(description="EUR of all uses")
    chosen: bool
    breaches: list[Text] = Field(description="rules that it breaks in its own frozen case")
    stale: list[Text] = Field(description="what has broken it since it was made")
    illustrative: bool
    created_at: datetime
    version: int


@router.get("/collaborations/{collaboration_id}/scenarios")
def list_scenarios(row: ReadAll, session: Tx, actor: CurrentActor, page: Page) -> Listing[ScenarioOut]:
    """List the scenarios of a collaboration in the order of their making; a reviewer, those of declared versions."""
    rows = permitted(session, actor, page.each(session, lambda: scenarios_of(session, row.id)), Action.READ_FUNDING)
    blinding = blinding_of(session, actor, row)
    return page.cut(
        rows, lambda one: one.id, show=lambda part: [blinding.over(one) for one in _present(session, list(part))]
    )


@router.post("/collaborations/{collaboration_id}/scenarios", status_code=201)
def post_scenario(row: EditAll, sent: ScenarioIn, session: Tx, answer: Answered) -> ScenarioOut:
    """Record a scenario: its uses are its sources and the stated gap, to the cent."""
    # A short name that is not known stands for itself: the domain then says so, beside everything else.
    members = {one.organisation.slug: one.organisation.id for one in members_of(session, [row.id])[row.id]}
    catalogue = {one.slug: one.id for one in instruments_of(session, row.partnership_id)}
    scenario = add_scenario(
        session,
        row,
        protocol_version_id=version_numbered(session, row.id, sent.protocol_version).id,
        name=sent.name,
        uses=[UseLine(members.get(u.organisation, u.organisation), u.category, u.amount) for u in sent.uses],
        sources=[
            SourceLine(
                members.get(one.organisation, one.organisation),
                one.kind,
                one.status,
                one.amount,
                None if one.instrument is None else catalogue.get(one.instrument, one.instrument),
            )
            for one in sent.sources
        ],
        gap=sent.gap,
        note=sent.note,
        illustrative=sent.illustrative,
    )
    answer.created("get_scenario", scenario_id=scenario.id)
    answer.tag(scenario.version)
    return present_scenario(session, scenario)


@router.get("/scenarios/{scenario_id}")
def get_scenario(row: Read, session: Tx, actor: CurrentActor) -> ScenarioOut:
    """Read a scenario; its `version` is what the choice sends back as If-Match."""
    collaboration = collaboration_by_id(session, row.collaboration_id)
    return blinding_of(session, actor, collaboration).over(present_scenario(session, row))


@router.post("/scenarios/{scenario_id}/choice")
def post_choice(row: Edit, version: IfMatch, session: Tx, answer: Answered) -> ScenarioOut:
    """Choose a scenario, if it is lawful and no region that it counts on said no; any other is chosen no more."""
    choose(session, collaboration_by_id(session, row.collaboration_id), row, expected_version=version)
    answer.tag(row.version)
    return present_scenario(session, row)


@router.patch("/scenarios/{scenario_id}/sources/{position}")
def patch_source(
    row: Edit, position: int, version: IfMatch, sent: SourcePatch, session: Tx, answer: Answered
) -> ScenarioOut:
    """Say how sure a source is by now; `position` is its place among the scenario's sources, from 1.

    The ETag is the scenario's. A collaboration is declared bankable once every source is committed or signed.
    """
    set_source_status(session, row, position, sent.status, expected_version=version)
    answer.tag(row.version)
    return present_scenario(session, row)


def present_scenario(session: Session, row: Scenario) -> ScenarioOut:
    """Return what is shown of a scenario."""
    return _present(session, [row])[0]


def _present(session: Session, rows: list[Scenario]) -> list[ScenarioOut]:
    found = lines_of(session, rows)
    keys = {use.organisation_id for one in found for use in one.uses}
    keys |= {source.organisation_id for one in found for source in one.sources}
    organisations = select(Organisation.id, Organisation.slug).where(col(Organisation.id).in_(keys))
    programmes = select(Instrument.id, Instrument.slug).where(
        col(Instrument.id).in_({line.instrument_id for one in found for line in one.sources})
    )
    slugs = {**dict(session.exec(organisations).all()), **dict(session.exec(programmes).all())}
    numbers = version_numbers(session, {row.collaboration_id for row in rows})
    return [_scenario(one, slugs, numbers) for one in found]


def _scenario(one: ScenarioLines, slugs: dict[str, str], numbers: dict[str, int]) -> ScenarioOut:
    row = one.scenario
    return ScenarioOut(
        **row.model_dump(exclude={"protocol_version_id"}),
        protocol_version=numbers[row.protocol_version_id],
        uses=[
            UseOut(organisation=slugs[use.organisation_id], category=use.category, amount=use.amount)
            for use in one.uses
        ],
        sources=[
            SourceOut(
                organisation=slugs[source.organisation_id],
                kind=source.kind,
                status=source.status,
                amount=source.amount,
                instrument=slugs.get(source.instrument_id or ""),
            )
            for source in one.sources
        ],
        total=sum((use.amount for use in one.uses), Decimal(0)),
    )
