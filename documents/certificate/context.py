"""What a certificate of a file's history says: who did what when, by role, and that all of it is as it was sealed."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any, ClassVar

from pydantic import AwareDatetime, Field
from sqlmodel import Session, col, select

import states.crossings.rights.providers  # noqa: F401 - they answer for documents
from documents.gathering import Subject, subject_of, version_lines
from documents.languages import gettext
from documents.meta import Confidentiality, DocumentContext, DocumentMeta, Line, Plain, Sha256, Text, funding_disclaimer
from documents.parts import HistoryLine, VersionLine
from documents.proposal.approvals import SignatureLine, history_lines, signatures_of
from documents.review.rounds import OUTCOMES
from states.archive.codes import shown_code
from states.archive.evidence.queries import evidence_in_force
from states.archive.sealed_copies import seals_of
from states.archive.tables import DocumentClass, DocumentKind, DocumentSeal, IssuedDocument
from states.clock import today
from states.collaborations.queries import history_of
from states.collaborations.tables import MemberPart
from states.protocol.queries import versions_of
from states.review.queries import released_decisions, rounds_of
from states.rights.access import Action, Actor, Role
from states.rights.conditions import permitted_where
from states.seals.checking import check_scopes
from states.seals.declared import SEALED, scope_name
from states.seals.reading import tips_named
from states.texts import Text as Said
from states.texts.titles import said

# What this paper adds to its file itself: else no two would say the same.
_ADDED_BY_ISSUING = ("issued_document", "document_seal")


class DecisionLine(Plain):
    """A released decision of a panel."""

    panel: Line
    round_number: int = Field(ge=1)
    outcome: Line
    released_on: date


class SignedVersion(Plain):
    """A frozen version, and who signed it."""

    version: VersionLine
    signatures: tuple[SignatureLine, ...] = ()


class IssuedLine(Plain):
    """An issued document that every partner may read: its code, the digest of its bytes, and who sealed it."""

    kind: Line
    edition: int = Field(ge=1)
    issued_on: date
    code: str = ""
    sha256: Sha256
    sealed_by: str = ""
    sealed_on: date | None = None
    level: str = ""


class FiledLine(Plain):
    """A file of evidence in force; a confidential one by its kind and digest alone."""

    kind: Line
    title: Text = Field(default="", description="empty: it is confidential")
    dated: date
    sha256: Sha256


class SealedLine(Plain):
    """The seal over one line of the history, by which all lines before it are held, too."""

    number: int = Field(ge=1)
    at: AwareDatetime
    move: Line
    seal: Line


class Sealed(Plain):
    """What was found when all seals of the file were checked."""

    checked_on: date
    rows: int = Field(ge=0)
    kinds: tuple[tuple[Line, int], ...] = Field(default=(), description="what is sealed, and how many of it")
    breaches: tuple[str, ...] = ()
    unknown: int = Field(default=0, ge=0, description="seals by secrets that this installation does not have")
    first: SealedLine | None = None
    last: SealedLine | None = None


class CertificateContext(DocumentContext):
    """The certificate of a file's history, as it stands on the day of its check."""

    KIND: ClassVar[DocumentKind] = DocumentKind.CERTIFICATE

    file: Line = Field(description="short names of partnership and collaboration")
    stage: Line
    opened_on: date
    lead: str = ""
    moves: tuple[HistoryLine, ...] = ()
    versions: tuple[SignedVersion, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    documents: tuple[IssuedLine, ...] = ()
    evidence: tuple[FiledLine, ...] = ()
    sealed: Sealed


def gather(session: Session, *, subject_id: str) -> CertificateContext:
    """Read a collaboration's file by its id, and check every seal in it; raise `Missing`."""
    subject, day = subject_of(session, subject_id), today()
    row, partnership = subject.collaboration, subject.partnership
    shown: dict[str, Any] = {
        "file": f"{partnership.slug} / {row.slug}",
        "stage": said(subject.playbook.stages[row.stage].title),
        "opened_on": row.opened_at.date(),
        "lead": next((one.organisation.name for one in subject.members if one.member.part is MemberPart.LEAD), ""),
        "moves": history_lines(session, subject),
        "versions": _versions(session, subject),
        "decisions": _decisions(session, subject),
        "documents": _documents(session, subject),
        "evidence": _evidence(session, subject),
        "sealed": _sealed(session, subject, day),
    }
    return CertificateContext(
        meta=DocumentMeta(
            kind=CertificateContext.KIND,
            title=row.title,
            subtitle=gettext("Certificate of the history of its file"),
            partnership=partnership.name,
            version=f"{day:%Y-%m-%d}",
            content_sha256=sha256(repr(sorted(shown.items())).encode()).hexdigest(),
            issued_at=datetime.combine(day, time(), tzinfo=UTC),
            confidentiality=Confidentiality.PARTNERSHIP,
            illustrative=row.illustrative,
            programme=partnership.programme,
            disclaimer=funding_disclaimer(partnership.programme, partnership.acknowledges),
        ),
        **shown,
    )


def _versions(session: Session, subject: Subject) -> tuple[SignedVersion, ...]:
    rows = versions_of(session, subject.collaboration.id)
    lines = version_lines(rows, until=rows[-1]) if rows else ()
    return tuple(
        SignedVersion(version=line, signatures=signatures_of(session, row))
        for line, row in zip(lines, rows, strict=True)
    )


def _decisions(session: Session, subject: Subject) -> tuple[DecisionLine, ...]:
    rounds = rounds_of(session, [subject.collaboration.id])
    released = released_decisions(session, [row.id for row in rounds])
    return tuple(
        DecisionLine(
            panel=said(subject.playbook.panels[row.panel].title),
            round_number=row.number,
            outcome=gettext(OUTCOMES[decision.outcome]),
            released_on=decision.released_at.date(),
        )
        for row in rounds
        if (decision := released.get(row.id)) is not None and decision.released_at is not None
    )


def _documents(session: Session, subject: Subject) -> tuple[IssuedLine, ...]:
    """Return what the lead may read: nobody reads a certificate who may not read that, too."""
    row = subject.collaboration
    lead = next((one.organisation.id for one in subject.members if one.member.part is MemberPart.LEAD), None)
    reader = Actor(Role.PARTNER, row.partnership_id, organisation_id=lead)
    query = select(IssuedDocument).where(
        IssuedDocument.collaboration_id == row.id,
        col(IssuedDocument.kind) != DocumentKind.CERTIFICATE,
        permitted_where(session, reader, IssuedDocument, Action.READ_DOCUMENT),
    )
    found = session.exec(query.order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))).all()
    seals = seals_of(session, [one.id for one in found])
    return tuple(_issued(one, seals.get(one.id)) for one in found)


def _issued(row: IssuedDocument, seal: DocumentSeal | None) -> IssuedLine:
    from documents.catalogue import PAPERS  # Here, not above: the catalogue is made of what is gathered here.

    return IssuedLine(
        kind=gettext(PAPERS[row.kind].name),
        edition=row.edition,
        issued_on=row.issued_at.date(),
        code=shown_code(row.code) if row.code else "",
        sha256=row.sha256,
        sealed_by=seal.signer if seal else "",
        sealed_on=seal.sealed_at.date() if seal else None,
        level=seal.level.value if seal else "",
    )


def _evidence(session: Session, subject: Subject) -> tuple[FiledLine, ...]:
    kinds = subject.playbook.evidence.kinds
    return tuple(
        FiledLine(
            kind=said(kinds.get(row.kind, row.kind)),
            title=row.title if row.evidence_class is DocumentClass.PUBLIC else "",
            dated=row.dated_on,
            sha256=row.sha256,
        )
        for row in evidence_in_force(session, subject.collaboration.id)
    )


def _by_kind(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return what is sealed by its name, the most first; how many take part in a review is nobody's to know."""
    found = Counter[str]()
    for kind, count in counts.items():
        spec = SEALED.get(kind)
        of_review = spec is not None and spec.model.__module__.startswith("states.review")
        found[gettext("row of a review") if of_review else str(Said("sealed", kind))] += count
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _nothing(slug: str) -> tuple[str, ...]:
    return (str(Said("seal", "no_tip", noun=Said("sealed", "collaboration"), key=slug)),)


def _sealed(session: Session, subject: Subject, day: date) -> Sealed:
    """Check the seals of the file as `bankable doctor --deep` does for all of them."""
    row, connection = subject.collaboration, session.connection()
    tips = tips_named(connection, [scope_name(row.id, None)])
    checked = check_scopes(connection, tips)
    kinds = tips[0].get("kinds", {}) if tips else {}  # of a tip that cannot be read the scope alone is known
    counts = {kind: int(count) for kind, (count, _) in kinds.items() if kind not in _ADDED_BY_ISSUING}
    lines = history_of(session, [row.id])[row.id]
    moves = history_lines(session, subject)
    ends = [
        SealedLine(number=line.number, at=line.at, move=move.move, seal=line.seal)
        for line, move in zip(lines, moves, strict=True)
    ]
    return Sealed(
        checked_on=day,
        rows=sum(counts.values()),
        kinds=_by_kind(counts),
        breaches=tuple(str(one.said) for one in checked.breaches) if tips else _nothing(row.slug),
        unknown=sum(checked.keys.values()),
        first=ends[0] if ends else None,
        last=ends[-1] if ends else None,
    )
