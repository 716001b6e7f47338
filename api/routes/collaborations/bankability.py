"""Route of the meter: how near a case is to what a bank asks for, and who owes each point that is missing."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import Tx
from api.http.idempotency import Idempotent
from api.http.schemas import Output, Text
from states.bankability.meter import Meter
from states.collaborations.tables import Collaboration
from states.crossings.dossier import dossier_of
from states.rights.access import Action

router = APIRouter(prefix="/collaborations", tags=["lifecycle"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]


class MissingPointsOut(Output):
    criterion: str
    text: Text = Field(description="what is missing, in words")
    partner: Text = Field(description="whose it is; empty: nobody's alone")
    mend_by: list[str] = Field(description="roles that can mend it")
    where: str = Field(description="the part of the case, as the end of its path, in which it is mended")
    adds: Decimal = Field(description="points that it would bring, to a tenth")


class MeterSectionOut(Output):
    key: str
    title: str
    points: Decimal
    most: int
    missing: list[MissingPointsOut]


class MeterOut(Output):
    score: int = Field(ge=0, le=100, description="whole points of 100, rounded down")
    sections: list[MeterSectionOut]


@router.get("/{collaboration_id}/bankability")
def get_bankability(row: Read, session: Tx) -> MeterOut:
    """Read how near a case is to what a bank asks for: points by section, each found in the case, none typed.

    It is measured on the latest frozen version (on the draft, before there is one), on the chosen scenario with its
    plan, and on the evidence in force. The points are a convention of this house; no bank has agreed to them.
    """
    return shown(dossier_of(session, row, "bankability").bankability)


def shown(meter: Meter) -> MeterOut:
    """Return the meter in words."""
    return MeterOut(
        score=meter.score,
        sections=[
            MeterSectionOut(
                key=section.key,
                title=str(section.title),
                points=section.points,
                most=section.most,
                missing=[
                    MissingPointsOut(
                        criterion=one.criterion,
                        text=str(one.text),
                        partner=one.partner,
                        mend_by=list(one.mend_by),
                        where=one.where,
                        adds=one.adds,
                    )
                    for one in section.missing
                ],
            )
            for section in meter.sections
        ],
    )
