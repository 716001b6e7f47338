"""What several documents read from the states: the collaboration, its partners, and its protocol as sections."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Session, col, select

from documents.languages import gettext
from documents.meta import Confidentiality, DocumentMeta, funding_disclaimer
from documents.parts import CellKind, Column, Completeness, Identity, LabelledText, Partner, Section, Table, VersionLine
from documents.words import capital, word
from states.archive.tables import BETWEEN, MOST_COMPARED, DocumentKind
from states.collaborations.queries import MemberEntry, collaboration_by_id, members_of
from states.collaborations.tables import Collaboration, MemberPart
from states.errors import Missing
from states.funding.case.vocabulary import CostCategory
from states.funding.queries import scenarios_of
from states.funding.tables import SourceKind
from states.partners.queries import regions_of, site_region
from states.partners.tables import Organisation, Partnership, Region, SizeClass, WorkingArea
from states.places.exonyms import region_said, unit_said
from states.places.nuts import unit, units
from states.playbooks.definition import Playbook
from states.playbooks.editions import playbook_of
from states.protocol.content import Content, Row, column_sums, filled, table_rows
from states.protocol.definition import Column as TableColumn
from states.protocol.definition import ColumnKind, FieldSpec, SectionSpec
from states.protocol.queries import latest_versions, versions_of
from states.protocol.tables import ProtocolVersion
from states.review.queries import consensus_of, released_decisions, rounds_of
from states.review.tables import ReviewRound, RoundState
from states.texts.titles import said

_OF_A_ROUND: dict[DocumentKind, Callable[[Session, ReviewRound], bool]] = {
    DocumentKind.CONSENSUS_REPORT: lambda session, row: consensus_of(session, row.id) is not None,
    DocumentKind.PANEL_MINUTES: lambda _, row: row.state is RoundState.CLOSED,
    DocumentKind.DECISION_LETTER: lambda session, row: row.id in released_decisions(session, [row.id]),
}


def current_subject(session: Session, kind: DocumentKind, *, collaboration_id: str) -> str:
    """Return the id of the latest version, the last round that has it, or the chosen scenario; raise `Missing`.

    A redline leads to the latest version, from the one before it that a panel was asked to judge last, else from the
    one just before. A comparison is of the chosen scenario and the newest others.
    """
    if kind is DocumentKind.REDLINE:
        found = [f"{one.id}{BETWEEN}{other.id}" for one, other in _last_step(session, collaboration_id)]
    elif kind in (DocumentKind.INVESTMENT_PROTOCOL, DocumentKind.TEASER):
        found = [row.id for row in latest_versions(session, [collaboration_id]).values()]
    elif kind is DocumentKind.REVIEW_DOSSIER:
        found = [row.id for row in rounds_of(session, [collaboration_id])]
    elif kind in _OF_A_ROUND:
        found = [row.id for row in rounds_of(session, [collaboration_id]) if _OF_A_ROUND[kind](session, row)]
    elif kind is DocumentKind.COMPARISON:
        found = [BETWEEN.join(keys) for keys in [scenarios_to_compare(session, collaboration_id)] if len(keys) > 1]
    elif kind is DocumentKind.PROPOSAL:
        found = [row.id for row in scenarios_of(session, collaboration_id) if row.chosen]
    elif kind is DocumentKind.CERTIFICATE:
        found = [collaboration_id]
    else:
        found = []  # a report is about a partnership, an evaluation is asked for by its own id
    if not found:
        raise Missing("document_subject", f"{kind.value}, {collaboration_id}")
    return found[-1]


def scenarios_to_compare(session: Session, collaboration_id: str) -> list[str]:
    """Return the ids of the chosen scenario and the newest others, in the order of their making."""
    rows = scenarios_of(session, collaboration_id)
    newest = [*reversed(rows)]
    ranked = sorted(newest, key=lambda row: not row.chosen)
    kept = {row.id for row in ranked[:MOST_COMPARED]}
    return [row.id for row in rows if row.id in kept]


def _last_step(session: Session, collaboration_id: str) -> Iterator[tuple[ProtocolVersion, ProtocolVersion]]:
    """Yield the versions between which the last redline is, if there are two."""
    versions = versions_of(session, collaboration_id)
    asked = {row.protocol_version_id: row.opened_at for row in rounds_of(session, [collaboration_id])}
    if len(versions) > 1:
        *earlier, latest = versions
        seen = [version for version in earlier if version.id in asked]
        yield max(seen, key=lambda version: asked[version.id], default=earlier[-1]), latest


CELLS = {
    ColumnKind.TEXT: (CellKind.TEXT, 3),
    ColumnKind.MONEY: (CellKind.MONEY, 2),
    ColumnKind.PERCENT: (CellKind.PERCENT, 1),
    ColumnKind.INTEGER: (CellKind.INTEGER, 1),
    ColumnKind.DATE: (CellKind.DATE, 2),
    ColumnKind.NUTS: (CellKind.TEXT, 2),
    ColumnKind.NUMBER: (CellKind.TEXT, 1),
    ColumnKind.MONTHS: (CellKind.TEXT, 1),
    ColumnKind.PARTNER: (CellKind.TEXT, 2),
    ColumnKind.URL: (CellKind.TEXT, 3),
    ColumnKind.CHOICE: (CellKind.TEXT, 2),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A collaboration with all that its documents name."""

    collaboration: Collaboration
    partnership: Partnership
    working_area: WorkingArea | None
    playbook: Playbook
    members: Sequence[MemberEntry]
    regions: Sequence[Region]

    def place(self, site: str) -> tuple[str, str]:
        """Return code and name of the partnership region around a site; outside of them, of its NUTS 2 unit."""
        region = site_region(site, self.regions)
        if region is not None:
            return ", ".join(region.codes), region_said(region.name, region.codes)
        around = unit(site[:4])
        return around.code, unit_said(around.code)


def subject_of(session: Session, collaboration_id: str) -> Subject:
    """Return the collaboration with its partnership, playbook, members and regions; raise `Missing`."""
    collaboration = collaboration_by_id(session, collaboration_id)
    area = collaboration.working_area_id
    return Subject(
        collaboration=collaboration,
        partnership=session.get_one(Partnership, collaboration.partnership_id),
        working_area=session.get_one(WorkingArea, area) if area else None,
        playbook=playbook_of(session, collaboration),
        members=members_of(session, [collaboration.id])[collaboration.id],
        regions=regions_of(session, collaboration.partnership_id),
    )


def protocol_meta(
    subject: Subject,
    version: ProtocolVersion,
    *,
    kind: DocumentKind,
    subtitle: str,
    issued_at: datetime,
    confidentiality: Confidentiality,
) -> DocumentMeta:
    """Return the metadata of a document that is made from a frozen version of a protocol."""
    return DocumentMeta(
        kind=kind,
        title=subject.collaboration.title,
        subtitle=subtitle,
        partnership=subject.partnership.name,
        acronym=acronym_of(version),
        version=str(version.number),
        content_sha256=version.sha256,
        issued_at=issued_at,
        confidentiality=confidentiality,
        illustrative=subject.collaboration.illustrative,
        programme=subject.partnership.programme,
        disclaimer=funding_disclaimer(subject.partnership.programme, subject.partnership.acknowledges),
    )


def content_of(version: ProtocolVersion) -> Mapping[str, Content]:
    return {key: value for key, value in version.content.items() if isinstance(value, dict)}


def acronym_of(version: ProtocolVersion) -> str:
    """Return the acronym where the playbook's protocol asks for one, else nothing."""
    found = content_of(version).get("identity", {}).get("acronym", "")
    return found if isinstance(found, str) else ""


def identity_of(subject: Subject, version: ProtocolVersion, *, stage: bool) -> Identity:
    """Return what the collaboration is; its stage only where the document is about the day of issue."""
    lead = next((entry.organisation for entry in subject.members if entry.member.part is MemberPart.LEAD), None)
    code, name = subject.place(lead.nuts) if lead else ("", "")
    collaboration = subject.collaboration
    return Identity(
        acronym=acronym_of(version),
        title=collaboration.title,
        summary=collaboration.summary,
        working_area=subject.working_area.name if subject.working_area else "",
        lead_organisation=lead.name if lead else "",
        lead_region_code=code,
        lead_region_name=name,
        stage=said(subject.playbook.stages[collaboration.stage].title) if stage else "",
    )


def partners_of(subject: Subject) -> tuple[Partner, ...]:
    """Return the present members, the lead first."""
    return tuple(_partner(subject, entry) for entry in subject.members)


def _partner(subject: Subject, entry: MemberEntry) -> Partner:
    organisation = entry.organisation
    code, name = subject.place(organisation.nuts)
    known_size = organisation.size_class is not SizeClass.UNKNOWN
    return Partner(
        name=organisation.name,
        kind=word(organisation.kind),
        role=gettext("lead partner") if entry.member.part is MemberPart.LEAD else gettext("partner"),
        site_nuts3=organisation.nuts,
        site_name=unit(organisation.nuts).name,
        region_code=code,
        region_name=name,
        country=organisation.country,
        size_class=word(organisation.size_class) if known_size else "",
        commitment=entry.member.contribution,
    )


def organisations_by_id(session: Session, keys: Sequence[str]) -> Mapping[str, Organisation]:
    """Return organisations by id, also those that have left the collaboration since."""
    rows = session.exec(select(Organisation).where(col(Organisation.id).in_(set(keys))))
    return {row.id: row for row in rows}


def sections_of(playbook: Playbook, version: ProtocolVersion) -> tuple[Section, ...]:
    """Return the sections of a version in the order of the playbook, numbered from 1."""
    content = content_of(version)
    return tuple(
        section_of(spec, content, number=number, illustrative=spec.key in version.illustrative)
        for number, spec in enumerate(playbook.protocol, start=1)
    )


def section_of(spec: SectionSpec, content: Mapping[str, Content], *, number: int, illustrative: bool) -> Section:
    """Return a section as it stands in a protocol; `spec` may have some of its fields only."""
    empty = [field for field in spec.fields if not filled(content, section=spec, field=field)]
    missing = tuple(said(field.title) for field in empty if field.mandatory)
    written = content.get(spec.key, {})
    texts = [field for field in spec.fields if not field.columns and (field.mandatory or field not in empty)]
    tables = [field for field in spec.fields if field.columns and (field.mandatory or field not in empty)]
    return Section(
        number=number,
        key=spec.key,
        title=said(spec.title),
        complete=not missing,
        fields=tuple(LabelledText(label=said(field.title), text=str(written.get(field.key, ""))) for field in texts),
        tables=tuple(_table(spec, field, content) for field in tables),
        missing=missing,
        illustrative=illustrative,
    )


def _table(spec: SectionSpec, field: FieldSpec, content: Mapping[str, Content]) -> Table:
    rows = list(table_rows(content, spec.key, field.key))
    sums = column_sums(content, sections=[spec])
    totals: list[str | Decimal | None] = [
        sums[f"{spec.key}.{field.key}.{column.key}"] if column.kind is ColumnKind.MONEY else None
        for column in field.columns
    ]
    labelled = len(rows) > 1 and totals[0] is None and any(total is not None for total in totals)
    return Table(
        caption=said(field.title),
        columns=tuple(
            Column(title=said(column.title), kind=CELLS[column.kind][0], weight=CELLS[column.kind][1])
            for column in field.columns
        ),
        rows=tuple(tuple(_cell(row, column) for column in field.columns) for row in rows),
        totals=(gettext("Total"), *totals[1:]) if labelled else None,
    )


# What columns of tables of costs and sources hold, as people write it in English.
_KINDS: Mapping[str, Mapping[str, StrEnum]] = {
    "category": {one.value: one for one in CostCategory},
    "kind": {one.value: one for one in SourceKind},
}


def _cell(row: Row, column: TableColumn) -> str | None:
    """Return a cell as it is kept; a word of the domain or of a choice as it is said, a place by its name and code."""
    value = row.get(column.key)
    known = _KINDS.get(column.key, {})
    if value and (key := value.lower().replace(" ", "_")) in known:
        return capital(word(known[key]))
    if value and column.kind is ColumnKind.NUTS and value in units():
        return f"{unit_said(value)} ({value})"
    return said(value) if value and column.kind is ColumnKind.CHOICE else value


def completeness_of(sections: Sequence[Section]) -> Completeness:
    """Count the complete sections, and name what is missing in the others."""
    return Completeness(
        done=sum(section.complete for section in sections),
        total=len(sections),
        missing=tuple(
            f"{section.number} {section.title}: {', '.join(section.missing)}"
            for section in sections
            if not section.complete
        ),
    )


def version_lines(versions: Sequence[ProtocolVersion], *, until: ProtocolVersion) -> tuple[VersionLine, ...]:
    """Return the frozen versions up to one of them, oldest first."""
    return tuple(
        VersionLine(label=str(version.number), frozen_at=version.frozen_at, sha256=version.sha256)
        for version in versions
        if version.number <= until.number
    )
