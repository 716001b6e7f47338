"""Found partnerships, say what they are, close them and open them again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from states.clock import now
from states.errors import Fault, Refusal, Refused
from states.partners.registry_faults import RegistryInvalid, blank, refuse, slug_fault
from states.partners.tables import Partnership, PartnershipKind
from states.storage import bump_version
from states.texts.catalogue import LANGUAGES


@dataclass(frozen=True, slots=True)
class Description:
    """What a partnership says of itself; `acknowledges` are the bodies that the disclaimer of its papers names,
    `language` that of its papers (ISO 639-1)."""

    slug: str
    name: str
    kind: PartnershipKind = PartnershipKind.TSSP
    programme: str = ""
    objective: str = ""
    acknowledges: Sequence[str] = ()
    language: str = "en"


class PartnershipRefused(Refused):
    """The partnership cannot be closed, or opened again."""

    code = "partnership_refused"


def found_partnership(session: Session, description: Description, *, playbook: str, taxonomy: str) -> Partnership:
    """Found a partnership; raise `RegistryInvalid` with every fault.

    Whether there are such a playbook and taxonomy is asked by whoever calls: `states.founding.service.found`.
    """
    refuse(*_faults(session, description, row=None))
    row = Partnership(slug=description.slug, name="", playbook=playbook, taxonomy=taxonomy, kind=description.kind)
    _write(row, description)
    session.add(row)
    session.flush()
    return row


def edit_partnership(
    session: Session, row: Partnership, description: Description, *, expected_version: int | None = None
) -> Partnership:
    """Put another description in the place of the present one; raise `RegistryInvalid` with every fault, or `Stale`."""
    refuse(*_faults(session, description, row=row))
    bump_version(session, row, expected=expected_version)
    _write(row, description)
    session.flush()
    return row


def description_of(row: Partnership) -> Description:
    """Return what a partnership says of itself, to change some of it with `dataclasses.replace`."""
    return Description(row.slug, row.name, row.kind, row.programme, row.objective, row.acknowledges, row.language)


def close_partnership(
    session: Session, row: Partnership, *, reason: str, running: Sequence[str], expected_version: int | None = None
) -> Partnership:
    """Close a partnership: from now on it is read only, and opened again by `reopen_partnership`.

    `running` are the short names of collaborations that mature still or wait: with any, or without a reason, it is
    refused.
    """
    if not reason.strip():
        raise RegistryInvalid("blank", field="reason", remedy="give_it")
    if row.closed_at is not None:
        raise PartnershipRefused([Refusal("partnership_closed_already", where="partnerships")])
    if running:
        refusal = Refusal("collaborations_run", missing=tuple(running), where="collaborations", count=len(running))
        raise PartnershipRefused([refusal])
    bump_version(session, row, expected=expected_version)
    row.closed_at, row.close_reason = now(), reason.strip()
    session.flush()
    return row


def reopen_partnership(session: Session, row: Partnership, *, expected_version: int | None = None) -> Partnership:
    """Open a closed partnership again."""
    if row.closed_at is None:
        raise PartnershipRefused([Refusal("partnership_open", where="partnerships")])
    bump_version(session, row, expected=expected_version)
    row.closed_at, row.close_reason = None, ""
    session.flush()
    return row


def _write(row: Partnership, said: Description) -> None:
    row.slug, row.name, row.kind = said.slug, said.name.strip(), said.kind
    row.programme, row.objective = said.programme.strip(), said.objective.strip()
    row.language = said.language
    row.acknowledges = list(dict.fromkeys(body.strip() for body in said.acknowledges))


def _faults(session: Session, said: Description, *, row: Partnership | None) -> list[Fault | None]:
    others = select(func.count()).where(Partnership.slug == said.slug, col(Partnership.id) != (row.id if row else ""))
    unknown = Fault("language", "language_not_offered", remedy="one_of", language=said.language, known=LANGUAGES)
    return [
        unknown if said.language not in LANGUAGES else None,
        slug_fault(said.slug, taken=session.exec(others).one() > 0),
        blank("name", said.name),
        *(blank(f"acknowledges[{place}]", body) for place, body in enumerate(said.acknowledges, start=1)),
    ]
