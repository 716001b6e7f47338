"""The route that tells which partner would mend what stands against a collaboration."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import Tx
from api.http.problems import ReasonOut
from api.http.schemas import Slug
from api.routes.matchmaking.suggestion_schemas import FitOut, InstrumentFitOut, NeedOut, PartnersWantedOut
from states.collaborations.tables import Collaboration
from states.lifecycle.partners_wanted import Joining, partners_wanted
from states.matchmaking.suggestions.partner_wanted import Fit
from states.rights.access import Action

router = APIRouter(tags=["matchmaking"])

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PARTNERS_WANTED))]
Codes = Annotated[list[Slug] | None, Query(max_length=20)]
_DIGITS = 4


@router.get("/collaborations/{collaboration_id}/partners-wanted")
def get_partners_wanted(
    row: Read,
    session: Tx,
    limit: Annotated[int, Query(ge=1, le=100, description="how many organisations that fit")] = 20,
    instrument: Annotated[Codes, Query(description="short names; left out: all of the catalogue")] = None,
    competence: Annotated[Codes, Query(description="codes of the taxonomy that are missing besides")] = None,
) -> PartnersWantedOut:
    """Tell which partners are wanted: for each refusal of a move forward, and for each instrument whose minimums are
    missed, which kind of partner would mend it, and which organisations of the partnership are one."""
    return _shown(partners_wanted(session, row, instruments=instrument or (), competences=competence or (), top=limit))


def _shown(joining: Joining) -> PartnersWantedOut:
    found = joining.found
    return PartnersWantedOut(
        about=sorted(joining.about),
        needs=[
            NeedOut(
                refusal=ReasonOut.of(need.refusal), says=str(need), dimension=need.dimension.value, lacking=need.lacking
            )
            for need in found.needs
        ],
        not_by_a_partner=[ReasonOut.of(one) for one in found.not_by_a_partner],
        instruments=[
            InstrumentFitOut(
                instrument=view.minimums.instrument,
                title=view.minimums.title,
                met=not view.lacking,
                source=view.minimums.source,
                caveats=list(view.minimums.caveats),
            )
            for view in joining.instruments
        ],
        fits=[_fit(joining, one) for one in found.fits],
        together=[_fit(joining, one) for one in found.together],
        unmet=[f"{need.refusal.message} Wanted: {need}." for need in found.unmet],
    )


def _fit(joining: Joining, one: Fit) -> FitOut:
    row = joining.organisations[one.party.organisation]
    return FitOut(
        organisation=row.slug,
        organisation_name=row.name,
        kind=row.kind,
        country=row.country,
        nuts=row.nuts,
        mends=[refusal.message for refusal in one.mends],
        helps=[refusal.message for refusal in one.helps],
        reasons=list(dict.fromkeys(one.reasons)),
        competence=round(one.competence, _DIGITS),
        illustrative=row.illustrative,
    )
