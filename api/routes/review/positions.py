"""Routes of the positions of regions: each speaks of its own money; where they differ."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import col, select

from api.http.access import ROUND, Allowed
from api.http.conditional import Answered, MaybeMatch, need_match
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.lookups import region_named
from api.http.paging import Page
from api.http.schemas import Listing, kept
from api.routes.review.review_schemas import ComparedOut, ComparisonOut, PositionIn, PositionOut
from api.routes.review.review_views import present_position, shown_positions
from states.crossings.receipts import acknowledge_position
from states.crossings.rights.collaborations import blinding_of
from states.errors import Missing
from states.partners.tables import Region
from states.review.access import RoundAccess
from states.review.positions import Stance, state_position
from states.review.queries import position_of
from states.rights.access import Action, Scope, require

router = APIRouter(prefix="/rounds/{round_id}/positions", tags=["review"], route_class=Idempotent)

See = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_ROUND))]
Read = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_REVIEW))]


@dataclass(frozen=True, slots=True)
class RegionInRound:
    """A region and the round in which it states its position."""

    round: RoundAccess
    region: Region


@dataclass(frozen=True)
class OfPosition:
    """A region's place in a round: only its own member writes there."""

    action: Action

    def __call__(self, found: See, region: str, session: Tx, actor: CurrentActor) -> RegionInRound:
        """Return the region and its round, or raise `Missing` or `Denied`."""
        row = region_named(session, actor.partnership_id, region)
        require(actor, self.action, Scope(actor.partnership_id, region_id=row.id))
        return RegionInRound(found, row)


State = Annotated[RegionInRound, Depends(OfPosition(Action.STATE_POSITION))]


@router.get("")
def list_positions(found: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[PositionOut]:
    """List the positions that regions have stated; a region that is asked sees the others' after its own."""
    rows = page.each(session, lambda: shown_positions(session, found.row, actor))
    blinding = blinding_of(session, actor, found.collaboration)
    return page.cut(
        rows, lambda one: one[0].id, show=lambda part: [blinding.over(present_position(*one)) for one in part]
    )


@router.get("/comparison")
def compare_positions(found: Read, session: Tx, actor: CurrentActor) -> ComparisonOut:
    """Lay the regions' positions side by side, field by field, and say where the regions differ."""
    rows = [present_position(*one).model_dump(mode="json") for one in shown_positions(session, found.row, actor)]
    asked = select(Region.slug).where(col(Region.id).in_(found.row.asked_regions))
    fields = []
    for field in PositionIn.model_fields:
        values = {str(row["region"]): "" if row[field] is None else str(row[field]) for row in rows}
        fields.append(ComparedOut(field=field, by_region=values, differs=len(set(values.values())) > 1))
    regions = [str(row["region"]) for row in rows]
    silent = sorted(set(session.exec(asked)) - set(regions))
    shown = ComparisonOut(regions=regions, fields=fields, silent=silent)
    return blinding_of(session, actor, found.collaboration).over(shown)


@router.get("/{region}")
def get_position(found: Read, region: str, session: Tx, actor: CurrentActor, answer: Answered) -> PositionOut:
    """Read the position of one region, if it is shown; its ETag is what a restatement sends back as If-Match."""
    shown = shown_positions(session, found.row, actor)
    known = next((one for one in shown if one[1].slug == region), None)
    if known is None:
        raise Missing("position", region)
    answer.tag(known[0].version)
    return blinding_of(session, actor, found.collaboration).over(present_position(*known))


@router.put("/{region}")
def put_position(
    found: State, version: MaybeMatch, sent: PositionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> PositionOut:
    """State the own region's position on its own money, or restate it while the round is open.

    Who restates it sends the version that they read as If-Match; what is left out stays, and null takes it away.
    """
    known = position_of(session, found.round.row.id, found.region.id)
    need_match("position", version, known)
    sent = kept(sent, known)
    stance = Stance(**{name: getattr(sent, name) for name in PositionIn.model_fields})
    row = state_position(
        session,
        found.round.row,
        person_id=person_of(actor),
        region=found.region,
        stance=stance,
        expected_version=version,
    )
    session.refresh(row)  # its sums as they are kept, and as the receipt's hash counts them
    acknowledge_position(session, found.round.collaboration, row, found.region)
    answer.tag(row.version)
    return present_position(row, found.region)
