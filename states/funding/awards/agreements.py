"""Plan, sign, amend, end and withdraw agreements, one for each source of a funder; nothing here pays anything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import Evidence
from states.clock import LAST_DAY, now, today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault, Refusal
from states.funding.amount_faults import amount_fault, day_fault
from states.funding.awards.queries import agreements_of, conditions_of, terms_of
from states.funding.awards.service import AwardInvalid, AwardRefused
from states.funding.awards.sources import SourceKey, expected_sources
from states.funding.awards.states import (
    AGREEMENT,
    AMEND,
    CORRECT,
    END,
    PLAN,
    REOPEN,
    SIGN,
    WITHDRAW,
    AgreementState,
    agreement_state,
    close_agreement,
)
from states.funding.awards.tables import Agreement, AgreementTerms
from states.funding.tables import Instrument, SourceKind
from states.machines.definition import Move
from states.machines.stepping import begin, need
from states.storage import bump_version

EVIDENCE_KIND = "agreement"


@dataclass(frozen=True, slots=True)
class AgreementPlan:
    """Who grants how many EUR under which number since when, for which source, from day to day.

    Without `agreed_on` it is planned; `evidence_id` is the signed document.
    """

    submission_id: str | None
    funder: str
    reference: str
    amount: Decimal
    agreed_on: date | None
    starts_on: date | None = None
    ends_on: date | None = None
    evidence_id: str | None = None
    source_kind: SourceKind | None = None
    instrument_id: str | None = None
    organisation_id: str | None = None


def agreement_plan_of(row: Agreement) -> AgreementPlan:
    """Return an agreement as it stands, to change some of it with `dataclasses.replace`."""
    return AgreementPlan(**{name: getattr(row, name) for name in AgreementPlan.__slots__})


def record_agreement(session: Session, collaboration: Collaboration, plan: AgreementPlan) -> Agreement:
    """Record that money was granted; the move `win` asks for one on the newest submission."""
    bump_version(session, collaboration)  # two at once would take the same number
    begin(AGREEMENT, SIGN)
    _need_terms(session, collaboration, plan)
    return _added(session, collaboration, plan, agreements_of(session, collaboration.id))


def plan_agreements(session: Session, collaboration: Collaboration) -> list[Agreement]:
    """Plan an agreement for each source of the chosen scenario that a funder pays and that has none yet.

    Raise `AwardRefused` where no scenario is chosen.
    """
    bump_version(session, collaboration)
    expected = expected_sources(session, collaboration.id)
    if expected is None:
        mend = ("project_manager",)
        raise AwardRefused([Refusal("no_scenario_chosen_yet", mend_by=mend, where="scenarios")])
    standing = agreements_of(session, collaboration.id)
    covered = {key_of(row) for row in standing if agreement_state(row) is not AgreementState.WITHDRAWN}
    names = _instrument_names(session, expected)
    planned: list[Agreement] = []
    for key, amount in expected.items():
        if key in covered:
            continue
        begin(AGREEMENT, PLAN)
        plan = AgreementPlan(None, names.get(key.instrument_id or "", ""), "", amount, None)
        plan = replace(plan, source_kind=key.kind, instrument_id=key.instrument_id, organisation_id=key.organisation_id)
        planned.append(_added(session, collaboration, plan, [*standing, *planned]))
    return planned


def key_of(row: Agreement) -> SourceKey:
    """Return for which source an agreement is."""
    return SourceKey(row.source_kind, row.instrument_id, row.organisation_id)


def sign_agreement(
    session: Session, collaboration: Collaboration, row: Agreement, plan: AgreementPlan, *, expected_version: int | None
) -> Agreement:
    """Record that a planned agreement is signed, by these terms."""
    need(AGREEMENT, agreement_state(row), SIGN, what=f"Agreement {row.number}")
    _need_terms(session, collaboration, plan)
    return _written(session, row, plan, expected_version)


def correct_agreement(
    session: Session,
    collaboration: Collaboration,
    row: Agreement,
    plan: AgreementPlan,
    *,
    expected_version: int | None = None,
) -> Agreement:
    """Put what is right in the place of what was recorded; what it was stays in the record of changes."""
    need(AGREEMENT, agreement_state(row), CORRECT, what=f"Agreement {row.number}")
    if row.agreed_on is None and plan.agreed_on is not None:
        raise AwardInvalid("planned_has_no_day", field="agreed_on", remedy="sign_it")
    if row.agreed_on is None:
        _raise(_faults(session, collaboration, plan))
    else:
        _need_terms(session, collaboration, plan)
    return _written(session, row, plan, expected_version)


def amend_agreement(
    session: Session,
    collaboration: Collaboration,
    row: Agreement,
    plan: AgreementPlan,
    *,
    because: str,
    expected_version: int | None = None,
) -> Agreement:
    """Put new terms in force; the former ones are kept with why they were replaced."""
    need(AGREEMENT, agreement_state(row), AMEND, what=f"Agreement {row.number}")
    before = agreement_plan_of(row)
    same = replace(before, evidence_id=plan.evidence_id, agreed_on=plan.agreed_on) == plan
    _need_terms(
        session,
        collaboration,
        plan,
        *([] if because.strip() else [Fault("because", "missing", remedy="say_why")]),
        *([Fault("terms", "amends_nothing", remedy="say_what_changes")] if same else []),
    )
    bump_version(session, row, expected=expected_version)
    former = {name: getattr(row, name) for name in _TERMS}
    number = len(terms_of(session, row.id)) + 1
    kept = AgreementTerms(
        agreement_id=row.id, number=number, replaced_because=because.strip(), replaced_at=now(), **former
    )
    session.add(kept)
    for name in _TERMS:
        setattr(row, name, getattr(plan, name))
    session.flush()
    return row


def end_agreement(
    session: Session, row: Agreement, *, on: date, because: str, expected_version: int | None = None
) -> Agreement:
    """Record that an agreement has ended, as foreseen or before its time."""
    faults = _reason(because)
    if on > today() or (row.agreed_on is not None and on < row.agreed_on):
        faults.append(Fault("on", "no_day_of_the_agreement", remedy="from_signature_to_today", day=on))
    return _closed(session, row, END, on, because, faults, expected_version)


def reopen_agreement(
    session: Session, row: Agreement, *, because: str, expected_version: int | None = None
) -> Agreement:
    """Open an agreement again that was recorded as ended."""
    return _closed(session, row, REOPEN, today(), because, _reason(because), expected_version)


def withdraw_agreement(
    session: Session, row: Agreement, *, because: str, expected_version: int | None = None
) -> Agreement:
    """Withdraw an agreement that was planned or signed and is not to be: its source is open again."""
    return _closed(session, row, WITHDRAW, today(), because, _reason(because), expected_version)


def remove_agreement(session: Session, row: Agreement, *, expected_version: int | None = None) -> None:
    """Take an agreement out that was recorded by mistake; refused once it was amended or has conditions."""
    if terms_of(session, row.id) or conditions_of(session, row.id):
        mend = ("project_manager", "partner")
        raise AwardRefused([Refusal("agreement_has_a_past", number=row.number, mend_by=mend, where="agreements")])
    bump_version(session, row, expected=expected_version)
    session.delete(row)
    session.flush()


_TERMS = ("funder", "reference", "amount", "agreed_on", "starts_on", "ends_on", "evidence_id")


def _closed(
    session: Session,
    row: Agreement,
    move: Move[AgreementState],
    on: date,
    because: str,
    faults: list[Fault],
    expected_version: int | None,
) -> Agreement:
    need(AGREEMENT, agreement_state(row), move, what=f"Agreement {row.number}")
    _raise(faults)
    bump_version(session, row, expected=expected_version)
    close_agreement(row, move, on=on, because=because)
    session.flush()
    return row


def _added(
    session: Session, collaboration: Collaboration, plan: AgreementPlan, standing: Sequence[Agreement]
) -> Agreement:
    number = max((row.number for row in standing), default=0) + 1
    row = Agreement(collaboration_id=collaboration.id, number=number, recorded_at=now(), **asdict(plan))
    session.add(row)
    session.flush()
    return row


def _written(session: Session, row: Agreement, plan: AgreementPlan, expected_version: int | None) -> Agreement:
    bump_version(session, row, expected=expected_version)
    for name, value in asdict(plan).items():
        setattr(row, name, value)
    session.flush()
    return row


def _instrument_names(session: Session, expected: Mapping[SourceKey, Decimal]) -> dict[str, str]:
    keys = [key.instrument_id for key in expected if key.instrument_id is not None]
    return dict(session.exec(select(Instrument.id, Instrument.name).where(col(Instrument.id).in_(keys))).all())


def _need_terms(session: Session, collaboration: Collaboration, plan: AgreementPlan, *besides: Fault) -> None:
    """Raise `AwardInvalid` with every fault of an agreement that is signed."""
    missing = [
        Fault("funder", "missing", remedy="say_who_grants") if not plan.funder.strip() else None,
        Fault("reference", "missing", remedy="give_number_of_agreement") if not plan.reference.strip() else None,
        amount_fault("amount", plan.amount),
        Fault("agreed_on", "missing", remedy="today_or_before") if plan.agreed_on is None else None,
    ]
    _raise([*(one for one in missing if one is not None), *_faults(session, collaboration, plan), *besides])


def _faults(session: Session, collaboration: Collaboration, plan: AgreementPlan) -> Iterator[Fault]:
    """Yield what is wrong with an agreement, planned or signed, but for what only a signed one needs."""
    if plan.agreed_on is not None and plan.agreed_on > today():
        yield Fault("agreed_on", "day_to_come", remedy="today_or_before", day=plan.agreed_on)
    for place, day in (("starts_on", plan.starts_on), ("ends_on", plan.ends_on)):
        if day is not None and (fault := day_fault(place, day, last=LAST_DAY)) is not None:
            yield fault
    if plan.starts_on is not None and plan.ends_on is not None and plan.ends_on < plan.starts_on:
        yield Fault("ends_on", "ends_before_start", remedy="end_after_start", day=plan.ends_on, start=plan.starts_on)
    if (plan.instrument_id is not None or plan.organisation_id is not None) and plan.source_kind is None:
        yield Fault("kind", "missing", remedy="say_kind_of_source")
    known = {one.organisation.id for one in members_of(session, [collaboration.id])[collaboration.id]}
    if plan.organisation_id is not None and plan.organisation_id not in known:
        yield Fault("organisation", "no_partner_collaboration", remedy="name_member")
    own = select(func.count()).where(
        Instrument.id == plan.instrument_id, Instrument.partnership_id == collaboration.partnership_id
    )
    if plan.instrument_id is not None and not session.exec(own).one():
        yield Fault("instrument", "not_in_catalogue", remedy="name_one_that_is_there")
    if plan.evidence_id is not None and (fault := evidence_fault(session, collaboration.id, plan.evidence_id)):
        yield fault


def evidence_fault(
    session: Session, collaboration_id: str, evidence_id: str, *, kind: str = EVIDENCE_KIND
) -> Fault | None:
    """Return what is wrong with a file that is to show an agreement, or (with no kind) anything else."""
    row = session.get(Evidence, evidence_id)
    if row is None or row.collaboration_id != collaboration_id or row.state in REMOVED:
        return Fault("evidence", "no_such_file_here", remedy="file_it_first")
    if kind and row.kind != kind:
        return Fault("evidence", "file_of_other_kind", remedy="file_as_kind", kind=row.kind, wanted=kind)
    return None


def _reason(because: str) -> list[Fault]:
    return [] if because.strip() else [Fault("because", "missing", remedy="say_why")]


def _raise(faults: Iterable[Fault]) -> None:
    if found := list(faults):
        raise AwardInvalid(faults=found)
