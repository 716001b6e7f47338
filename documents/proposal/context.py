"""What a bankable proposal shows to a bank, a region or a fund, and how it is read from the states."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field, ValidationError
from sqlmodel import Session

from documents.gathering import (
    Subject,
    content_of,
    identity_of,
    organisations_by_id,
    protocol_meta,
    subject_of,
    version_lines,
)
from documents.languages import gettext, marked
from documents.meta import DocumentContext, Line, Plain
from documents.parts import Evidence, HistoryLine, Identity, Section, VersionLine
from documents.proposal.addressee import CLASSES, ORDER, SUBTITLES, Addressed, Addressee
from documents.proposal.aid import PrintedAid, asked_of_aid, printed_aid, size_said
from documents.proposal.annexes import Annex, annexes_of
from documents.proposal.approvals import (
    RegionalPosition,
    ReviewResult,
    SignatureLine,
    history_lines,
    reviews_of,
    signatures_of,
    stated_positions,
)
from documents.proposal.asked import Asked
from documents.proposal.chapters import ChapterText, chapters_of
from documents.proposal.decision import Decision, decision_of
from documents.proposal.delivery import GanttRow, gantt_rows
from documents.proposal.finances import FinancialAnalysis, printed_analysis
from documents.proposal.meter import PrintedMeter, printed_meter
from documents.proposal.names import BANDS, note_said, told
from documents.proposal.partners import PartnerLine, partner_lines
from documents.proposal.regions import RegionRow, region_rows
from documents.proposal.rules import Law, costs_said, law_of
from documents.proposal.scenario import InstrumentLine, Scenario, SourceLine, UseLine
from documents.words import capital, category, word
from states.archive.evidence.queries import Piece
from states.archive.tables import DocumentKind
from states.crossings.dossier import Dossier, dossier_of
from states.errors import Invalid, Missing
from states.funding.checks.aid_by_partner import aid_by_partner
from states.funding.finance.scenario_finances import Finances, assumptions_of, finances_of
from states.funding.money.options import Option, options_of
from states.funding.queries import ScenarioLines, instruments_of, lines_of, scenario_by_id, scenarios_of
from states.funding.tables import Instrument
from states.funding.tables import Scenario as ScenarioRow
from states.partners.tables import Organisation
from states.places.exonyms import region_said
from states.protocol.content import Row, table_rows
from states.protocol.queries import version_by_id, versions_of
from states.protocol.tables import ProtocolVersion
from states.texts.titles import said


class Risk(Plain):
    """A line of the risk register; the score is probability times impact, before and after the response."""

    id: Line
    title: Line
    category: str = ""
    probability: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    response: Line
    action: str = ""
    owner_role: str = ""
    due: date | None = None
    residual_probability: int | None = Field(default=None, ge=1, le=5)
    residual_impact: int | None = Field(default=None, ge=1, le=5)
    illustrative: bool = False

    @property
    def score(self) -> int:
        """Probability times impact, 1 to 25."""
        return self.probability * self.impact

    @property
    def residual(self) -> int | None:
        """The same after the response; None where nobody has said it."""
        if self.residual_probability is None or self.residual_impact is None:
            return None
        return self.residual_probability * self.residual_impact

    @property
    def band(self) -> str:
        """The band of the score by common convention: 1-4 low, 5-9 medium, 10-14 high, 15-25 critical."""
        return next(name for floor, name in BANDS if self.score >= floor)


class ProposalContext(DocumentContext):
    """A bankable proposal to one reader: what is asked, who stands behind it, how it is financed, judged, and meant."""

    KIND: ClassVar[DocumentKind] = DocumentKind.PROPOSAL

    addressee: Addressee = Addressee.BANK
    identity: Identity
    decision: Decision | None = Field(default=None, description="none until a scenario is chosen")
    meter: PrintedMeter
    partners: tuple[PartnerLine, ...] = ()
    chapters: tuple[ChapterText, ...] = ()
    reviews: tuple[ReviewResult, ...] = ()
    positions: tuple[RegionalPosition, ...] = ()
    regions: tuple[RegionRow, ...] = ()
    signatures: tuple[SignatureLine, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    aid: PrintedAid | None = Field(default=None, description="of the chosen scenario, where it stands on a case")
    analysis: FinancialAnalysis | None = Field(default=None, description="of the chosen scenario")
    without_analysis: tuple[Line, ...] = Field(default=(), description="what is missing where there is none")
    asked: tuple[Asked, ...] = Field(default=(), description="what an authority will ask of the aid")
    risks: tuple[Risk, ...] = ()
    gantt: tuple[GanttRow, ...] = ()
    opened_at: AwareDatetime
    stages: tuple[str, ...] = Field(default=(), description="names of the stages, in the order of the lifecycle")
    history: tuple[HistoryLine, ...] = ()
    versions: tuple[VersionLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    annexes: tuple[Annex, ...] = Field(default=(), description="evidence in force")

    @property
    def chosen(self) -> Scenario | None:
        """The scenario that the partners chose, if they did."""
        return next((scenario for scenario in self.scenarios if scenario.chosen), None)

    @property
    def order(self) -> tuple[str, ...]:
        """The chapters in the order of the reader."""
        return ORDER[self.addressee]

    def told(self, chapter: str) -> tuple[Section, ...]:
        """What the protocol says in a chapter."""
        return next((one.sections for one in self.chapters if one.key == chapter), ())


def gather(session: Session, *, subject_id: str) -> ProposalContext:
    """Read the proposal on a scenario to a reader (`Addressed`), by the subject; raise `Missing`."""
    addressed = Addressed.read(subject_id)
    row = scenario_by_id(session, addressed.scenario_id)
    version = version_by_id(session, row.protocol_version_id)
    subject = subject_of(session, row.collaboration_id)
    region = next((one for one in subject.regions if one.id == addressed.region_id), None)
    if region is None and addressed.region_id:
        raise Missing("region", addressed.region_id)
    dossier = dossier_of(session, subject.collaboration, "bankability")
    scenarios = printed_scenarios(session, subject, dossier)
    chosen = next((one for one in scenarios_of(session, row.collaboration_id) if one.chosen), None)
    printed = next((one for one in scenarios if one.chosen), None)
    law = law_of(session, chosen) if chosen else None
    found, missing = finances_or_why(session, chosen) if chosen else (None, ())
    analysis = printed_analysis(found, subject, name=chosen.name) if found and chosen else None
    assumed = assumptions_of(session, row.collaboration_id)
    content, positions = content_of(version), stated_positions(session, subject)
    risks, evidence = risks_of(version), evidence_of(version)
    aid = printed_aid(law) if law else None
    return ProposalContext(
        meta=protocol_meta(
            subject,
            version,
            kind=ProposalContext.KIND,
            subtitle=gettext("Proposal to %(region)s") % {"region": region_said(region.name, region.codes)}
            if region
            else gettext(SUBTITLES[addressed.reader]),
            issued_at=max(
                subject.collaboration.stage_since,
                row.created_at,
                version.frozen_at,
                *([assumed.changed_at] if assumed else []),
            ),
            confidentiality=CLASSES[addressed.reader],
        ),
        addressee=addressed.reader,
        identity=identity_of(subject, version, stage=True),
        decision=decision_of(
            printed,
            reader=addressed.reader,
            region=region_said(region.name, region.codes) if region else "",
            codes=region.codes if region else (),
            case=law.case if law else None,
            mix=law.mix if law else None,
            terms=found.given.loans if found else (),
            analysis=analysis,
            accounts=law.accounts if law else {},
        )
        if printed
        else None,
        meter=printed_meter(dossier.bankability),
        partners=partner_lines(subject, content, printed, _sizes(law)),
        chapters=chapters_of(
            subject.playbook,
            version,
            lifted={key for key, found in (("risks", risks), ("evidence", evidence)) if found},
        ),
        reviews=reviews_of(session, subject),
        positions=positions,
        regions=region_rows(printed, subject.regions, positions, analysis, addressed=addressed.region_id)
        if printed
        else (),
        signatures=signatures_of(session, version),
        scenarios=scenarios,
        aid=aid,
        analysis=analysis,
        without_analysis=missing,
        asked=tuple(
            asked_of_aid(
                aid, found.indicators if found else None, grants=printed.total_grants, total=printed.total_uses
            )
        )
        if aid and printed
        else (),
        risks=risks,
        gantt=gantt_rows(content, law.case if law else None, analysis),
        opened_at=subject.collaboration.opened_at,
        stages=tuple(said(stage.title) for stage in subject.playbook.stages.values()),
        history=history_lines(session, subject),
        versions=version_lines(versions_of(session, version.collaboration_id), until=version),
        evidence=evidence,
        annexes=annexes_of(session, row.collaboration_id, subject.playbook.evidence),
    )


def finances_or_why(session: Session, row: ScenarioRow) -> tuple[Finances | None, tuple[str, ...]]:
    """Return the finances of a scenario, or none and what keeps them from being made; nothing is filled in."""
    try:
        return finances_of(session, row), ()
    except Invalid as invalid:
        return None, tuple(told(str(fault)) for fault in invalid.faults)


def _sizes(law: Law | None) -> dict[str, str]:
    if law is None:
        return {}
    found = aid_by_partner(law.case, law.mix, rules=law.rules)
    return {one.partner.id: size_said(one, law.accounts) for one in found.partners}


_PROMISES = {
    "agreement": marked("agreement"),
    "letter_of_intent": marked("letter of intent"),
    "letter_of_support": marked("letter of support"),
}


def printed_scenarios(session: Session, subject: Subject, dossier: Dossier) -> tuple[Scenario, ...]:
    """Return every scenario of the collaboration with its lines and the instruments that it counts on."""
    found = lines_of(session, scenarios_of(session, subject.collaboration.id))
    keys = [use.organisation_id for one in found for use in one.uses]
    keys += [source.organisation_id for one in found for source in one.sources]
    organisations = organisations_by_id(session, keys)
    instruments = {row.id: row for row in instruments_of(session, subject.partnership.id)}
    options = options_of(session, subject.partnership.id)
    promises = [one for one in dossier.pieces if one.kind in _PROMISES]
    return tuple(_scenario(session, one, subject, organisations, instruments, options, promises) for one in found)


def _scenario(
    session: Session,
    lines: ScenarioLines,
    subject: Subject,
    organisations: Mapping[str, Organisation],
    instruments: Mapping[str, Instrument],
    options: Mapping[str, Option],
    promises: Sequence[Piece],
) -> Scenario:
    row = lines.scenario
    counted = dict.fromkeys(source.instrument_id for source in lines.sources if source.instrument_id)
    law = law_of(session, row)
    uses, sources = [], []
    for use in lines.uses:
        partner = organisations[use.organisation_id]
        code, name = subject.place(partner.nuts)
        uses.append(
            UseLine(
                category=_title(use.category),
                partner=told(partner.name),
                partner_slug=partner.slug,
                region_code=code,
                region_name=name,
                amount=use.amount,
            )
        )
    for source in lines.sources:
        partner = organisations[source.organisation_id]
        instrument = instruments[source.instrument_id] if source.instrument_id else None
        sources.append(
            SourceLine(
                name=told(instrument.name) if instrument else capital(word(source.kind)),
                kind=source.kind,
                partner=told(partner.name),
                partner_slug=partner.slug,
                region_code=subject.place(partner.nuts)[0],
                status=source.status.value,
                basis=instrument.legal_basis if instrument else "",
                slug=instrument.slug if instrument else "",
                territory=tuple(instrument.territory) if instrument else (),
                proof=_proof(partner.id, promises),
                amount=source.amount,
            )
        )
    return Scenario(
        key=row.id,
        name=told(row.name),
        chosen=row.chosen,
        summary=note_said(told(row.note)),
        uses=tuple(uses),
        sources=tuple(sources),
        gap=row.gap,
        costs=tuple(costs_said(law.case, options)) if law else (),
        instruments=tuple(_instrument(instruments[key]) for key in counted),
        illustrative=row.illustrative,
    )


def _proof(organisation_id: str, promises: Sequence[Piece]) -> str:
    """Say on which filed papers of the partner a commitment rests."""
    named = sorted({gettext(_PROMISES[one.kind]) for one in promises if one.organisation_id == organisation_id})
    return ", ".join(named)


def _title(key: str) -> str:
    """Write a category as a heading, whether somebody wrote it or it is a key of the case."""
    return capital(category(told(key)))


def _instrument(row: Instrument) -> InstrumentLine:
    return InstrumentLine(
        name=told(row.name),
        programme=row.programme,
        basis=row.legal_basis,
        maximum_rate=row.maximum_rate,
        maximum_amount=row.maximum_amount,
        verified_on=row.verified_on,
        illustrative=row.illustrative,
    )


def risks_of(version: ProtocolVersion) -> tuple[Risk, ...]:
    """Return the risk register of a protocol that has one in the usual columns; none if a row does not fit."""
    rows = table_rows(content_of(version), "risks", "register")
    illustrative = "risks" in version.illustrative
    try:
        return tuple(_risk(row, number, illustrative=illustrative) for number, row in enumerate(rows, start=1))
    except (KeyError, ValueError):
        return ()  # its section prints the rows as they stand


def _risk(row: Row, number: int, *, illustrative: bool) -> Risk:
    return Risk(
        id=f"R{number}",
        title=told(row["risk"]),
        category=row.get("category", ""),
        probability=int(row["probability"]),
        impact=int(row["impact"]),
        response=told(row["response"]),
        owner_role=told(row["owner"]),
        residual_probability=int(row["residual_probability"]) if row.get("residual_probability") else None,
        residual_impact=int(row["residual_impact"]) if row.get("residual_impact") else None,
        illustrative=illustrative,
    )


def evidence_of(version: ProtocolVersion) -> tuple[Evidence, ...]:
    """Return the evidence register of a protocol that has one with hashes; none if a row does not fit."""
    rows = table_rows(content_of(version), "evidence", "documents")
    try:
        return tuple(Evidence.model_validate(_evidence(row)) for row in rows)
    except (KeyError, ValidationError):
        return ()  # its section prints the rows as they stand


def _evidence(row: Row) -> Mapping[str, str]:
    return {"name": row["document"], "dated": row["date"], "owner": row["owner"], "sha256": row["sha256"]}
