"""The index of annexes: evidence in force beside a proposal, by title, kind, owner, date, class and hash."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field
from sqlmodel import Session, col, select

from documents.gathering import organisations_by_id
from documents.meta import Line, Plain, Sha256, Text
from documents.words import word
from states.archive.evidence.definition import EvidenceTerms
from states.archive.evidence.queries import evidence_in_force
from states.partners.tables import Region
from states.texts.titles import said


class Annex(Plain):
    """A file of evidence, known by its hash."""

    number: int = Field(ge=1)
    title: Text
    kind: Line
    owner: Text = Field(default="", description="the partner or region whose it is; empty: the collaboration's")
    dated: date
    confidentiality: Line
    sha256: Sha256


_ACCOUNTS = "accounts"


def accounts_filed(session: Session, collaboration_id: str) -> Mapping[str, str]:
    """Return by short name of a partner the numbers of the annexes that are its accounts, such as "7" or "7, 9"."""
    rows = evidence_in_force(session, collaboration_id)
    owners = organisations_by_id(session, [row.organisation_id for row in rows if row.organisation_id])
    found: dict[str, list[str]] = {}
    for number, row in enumerate(rows, start=1):
        if row.kind == _ACCOUNTS and row.organisation_id:
            found.setdefault(owners[row.organisation_id].slug, []).append(str(number))
    return {slug: ", ".join(numbers) for slug, numbers in found.items()}


def annexes_of(session: Session, collaboration_id: str, terms: EvidenceTerms) -> tuple[Annex, ...]:
    """Return what is filed and in force, in the order of filing; a kind that the playbook knows no more by its key."""
    rows = evidence_in_force(session, collaboration_id)
    owners = organisations_by_id(session, [row.organisation_id for row in rows if row.organisation_id])
    wanted = {row.region_id for row in rows if row.region_id}
    regions = dict(session.exec(select(Region.id, Region.name).where(col(Region.id).in_(wanted))).all())
    return tuple(
        Annex(
            number=number,
            title=row.title,
            kind=said(terms.kinds.get(row.kind, row.kind)),
            owner=owners[row.organisation_id].name if row.organisation_id else regions.get(row.region_id or "", ""),
            dated=row.dated_on,
            confidentiality=word(row.evidence_class),
            sha256=row.sha256,
        )
        for number, row in enumerate(rows, start=1)
    )
