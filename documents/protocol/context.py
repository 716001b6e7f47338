"""What an investment protocol shows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session, col, select

from documents.formats import euro, short_day, unmarked
from documents.gathering import (
    completeness_of,
    content_of,
    identity_of,
    organisations_by_id,
    partners_of,
    protocol_meta,
    sections_of,
    subject_of,
    version_lines,
)
from documents.languages import gettext as _
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Completeness, Evidence, Identity, Partner, Section, VersionLine
from documents.proposal.delivery import MonthsRow, months_rows
from documents.words import word
from states.archive.evidence.queries import frozen_with
from states.archive.evidence.tables import Evidence as Filed
from states.archive.tables import DocumentKind
from states.protocol.content import Content, column_sums, table_rows
from states.protocol.definition import ColumnKind, SectionSpec
from states.protocol.queries import version_by_id, versions_of
from states.protocol.tables import ProtocolVersion
from states.texts.titles import said


class Glance(Plain):
    """One line of what the protocol comes to."""

    label: Line
    value: Line


class ProtocolContext(DocumentContext):
    """An investment protocol in one frozen version: seventeen sections, and what is missing in them."""

    KIND: ClassVar[DocumentKind] = DocumentKind.INVESTMENT_PROTOCOL

    identity: Identity
    glance: tuple[Glance, ...] = Field(default=(), description="what it costs, how it is paid, readiness, timetable")
    partners: tuple[Partner, ...] = ()
    sections: tuple[Section, ...] = ()
    completeness: Completeness
    versions: tuple[VersionLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    packages: tuple[MonthsRow, ...] = Field(default=(), description="work packages by months of the plan")


def gather(session: Session, *, subject_id: str) -> ProtocolContext:
    """Read a frozen version of a protocol, by its id; raise `Missing`."""
    version = version_by_id(session, subject_id)
    subject = subject_of(session, version.collaboration_id)
    sections = sections_of(subject.playbook, version)
    area = subject.working_area
    return ProtocolContext(
        meta=protocol_meta(
            subject,
            version,
            kind=ProtocolContext.KIND,
            subtitle=_("Investment protocol in the working area %(area)s") % {"area": area.name}
            if area
            else _("Investment protocol"),
            issued_at=version.frozen_at,
            confidentiality=Confidentiality.PARTNERSHIP,
        ),
        identity=identity_of(subject, version, stage=False),
        glance=tuple(_glance(subject.playbook.protocol, content_of(version))),
        partners=partners_of(subject),
        sections=sections,
        completeness=completeness_of(sections),
        versions=version_lines(versions_of(session, version.collaboration_id), until=version),
        evidence=tuple(_evidence(session, version)),
        packages=months_rows(content_of(version)),
    )


def _evidence(session: Session, version: ProtocolVersion) -> Iterator[Evidence]:
    """Yield what was filed when the version was frozen, the oldest first."""
    frozen = {one.evidence_id for one in frozen_with(session, [version.id])[version.id]}
    rows = session.exec(
        select(Filed).where(col(Filed.id).in_(frozen)).order_by(col(Filed.filed_at), col(Filed.id))
    ).all()
    owners = organisations_by_id(session, [row.organisation_id for row in rows if row.organisation_id])
    for row in rows:
        owner = owners[row.organisation_id].name if row.organisation_id else ""
        yield Evidence(
            name=row.title,
            sha256=row.sha256,
            dated=row.dated_on,
            owner=unmarked(owner),
            confidentiality=word(row.evidence_class),
        )


def _glance(sections: Sequence[SectionSpec], content: Mapping[str, Content]) -> Iterator[Glance]:
    """Yield the sum of each table of amounts, the readiness of its least ready part, and first and last date."""
    sums = column_sums(content, sections=sections)
    days: list[date] = []
    for section in sections:
        for field in section.fields:
            columns = {column.key: column for column in field.columns}
            rows = list(table_rows(content, section.key, field.key))
            if amount := sums.get(f"{section.key}.{field.key}.amount"):
                label = {"section": said(section.title), "table": said(field.title)}
                yield Glance(label=_("%(section)s: %(table)s") % label, value=euro(amount))
            now, then = (
                [int(row[key]) for row in rows if row.get(key, "").isdigit()] if key in columns else []
                for key in ("now", "target")
            )
            if now and then:
                levels = {"now": min(now), "then": min(then)}
                label_of = _("Technology readiness (TRL) of the least ready part")
                yield Glance(label=label_of, value=_("%(now)s now, %(then)s at the end") % levels)
            dated = [key for key, column in columns.items() if column.kind is ColumnKind.DATE]
            days += [day for row in rows for key in dated if (day := _day(row.get(key, "")))]
    if days:
        span = {"first": short_day(min(days)), "last": short_day(max(days))}
        yield Glance(label=_("Timetable"), value=_("%(first)s to %(last)s") % span)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
