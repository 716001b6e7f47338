"""What a bank looks for in a case, section by section, with its points: they add up to 100."""

from collections.abc import Callable, Iterable
from decimal import ROUND_DOWN, Decimal

from states.bankability.facts import BankabilityFacts
from states.bankability.meter import Criterion, Judged, Lack, Section
from states.collaborations.tables import MemberPart
from states.funding.finance.simulation import LEAST_DSCR
from states.funding.queries import ChosenSource
from states.funding.tables import SourceKind, SourceStatus
from states.partners.tables import OrganisationKind, SizeClass
from states.review.tables import Outcome
from states.texts import Text

Judge = Callable[[BankabilityFacts], Judged]

_ONE, _HALF, _HUNDREDTH = Decimal(1), Decimal("0.5"), Decimal("0.01")
_MANAGER, _LEAD = ("project_manager",), ("project_manager", "partner")
_ENTERPRISES = (OrganisationKind.SME, OrganisationKind.LARGE_ENTERPRISE)
_SURE = (SourceStatus.COMMITTED, SourceStatus.SIGNED)
_OWN = (SourceKind.OWN_CASH, SourceKind.IN_KIND)
_PROMISES = ("letter_of_support", "letter_of_intent", "agreement")
_NONE = Judged(_ONE)


def _all(*lacking: Lack) -> Judged:
    return Judged(_ONE, lacking)


def _of_each(whole: int, lacking: Iterable[Lack]) -> Judged:
    return Judged(Decimal(max(whole, 1)), tuple(lacking))


def _written(place: str, text: Text) -> Judge:
    """Return the judge of something that the protocol says; where no field asks for it, that is said."""
    unasked = Text("missing", "bank_unasked", what=text)

    def judge(facts: BankabilityFacts) -> Judged:
        if place in facts.held:
            return _NONE
        return _all(Lack(text if place in facts.asked else unasked))

    return judge


def _lead(facts: BankabilityFacts) -> Judged:
    led = any(one.part is MemberPart.LEAD for one in facts.partners)
    return _NONE if led else _all(Lack(Text("missing", "bank_lead")))


def _sizes(facts: BankabilityFacts) -> Judged:
    sized = facts.figures.sized if facts.figures else frozenset()
    unsized = [one for one in facts.partners if one.size_class is SizeClass.UNKNOWN and one.slug not in sized]
    lacking = (Lack(Text("missing", "bank_size", partner=one.name), partner=one.name) for one in unsized)
    return _of_each(len(facts.partners), lacking if facts.partners else [Lack(Text("missing", "bank_partners"))])


def _accounts(facts: BankabilityFacts) -> Judged:
    """Whoever borrows, and every enterprise that pays in, shows accounts: half of it is filed, all of it by year."""
    payers = {one.organisation_id for one in facts.sources if one.kind is not SourceKind.GRANT}
    borrowers = {one.organisation_id for one in facts.sources if one.kind is SourceKind.LOAN}
    asked = [one for one in facts.partners if one.id in borrowers or (one.id in payers and one.kind in _ENTERPRISES)]
    accounted = facts.figures.accounted if facts.figures else frozenset()
    filed = {one.organisation_id for one in facts.filed("accounts")}
    lacking = [
        Lack(Text("missing", "bank_account_figures", partner=one.name), part=_HALF, partner=one.name)
        if one.id in filed
        else Lack(Text("missing", "bank_accounts", partner=one.name), partner=one.name)
        for one in asked
        if one.slug not in accounted
    ]
    return _of_each(len(asked), lacking if asked else [Lack(Text("missing", "bank_borrower"))])


def _team(facts: BankabilityFacts) -> Judged:
    if "team" in facts.held or facts.filed("cv"):
        return _NONE
    return _all(Lack(Text("missing", "bank_team")))


def _filed(text: Text, *kinds: str) -> Judge:
    return lambda facts: _NONE if facts.filed(*kinds) else _all(Lack(text))


def _market_figures(facts: BankabilityFacts) -> Judged:
    if "market_size" in facts.held or facts.filed("market_study"):
        return _NONE
    return _all(Lack(Text("missing", "bank_market_size")))


def _standards(facts: BankabilityFacts) -> Judged:
    pairs = (("standards", Text("missing", "bank_standards")), ("route", Text("missing", "bank_route")))
    return _of_each(len(pairs), (Lack(text) for place, text in pairs if place not in facts.held))


def _permits(facts: BankabilityFacts) -> Judged:
    return _NONE if "sites" in facts.held or facts.filed("permit") else _all(Lack(Text("missing", "bank_permits")))


def _demand(facts: BankabilityFacts) -> Judged:
    """Letters of the partners themselves show no demand."""
    members = {one.id for one in facts.partners}
    shown = [one for one in facts.filed("letter_of_intent", "agreement") if one.organisation_id not in members]
    return _NONE if shown else _all(Lack(Text("missing", "bank_demand")))


def _kind(source: ChosenSource) -> str:
    return source.kind.value.replace("_", " ")


def _chosen(facts: BankabilityFacts) -> Judged:
    return _NONE if facts.funding.chosen else _all(Lack(Text("missing", "chosen_scenario")))


def _gap(facts: BankabilityFacts) -> Judged:
    chosen = facts.funding.chosen
    if chosen is None or not facts.uses:
        return _all(Lack(Text("missing", "bank_costs_covered")))
    if not chosen.gap:
        return _NONE
    return Judged(facts.uses, (Lack(Text("missing", "bank_gap", amount=chosen.gap), part=chosen.gap),))


def _lawful(facts: BankabilityFacts) -> Judged:
    chosen = facts.funding.chosen
    if chosen is None or not chosen.solved:
        return _all(Lack(Text("missing", "bank_law_unasked")))
    found = len(facts.validity.breaches) + len(facts.validity.stale)
    return _all(Lack(Text("missing", "bank_law_broken", count=found))) if found else _NONE


def _committed(facts: BankabilityFacts) -> Judged:
    total = sum((one.amount for one in facts.sources), Decimal(0))
    if not total:
        return _all(Lack(Text("missing", "bank_sources")))
    names = {one.id: one.name for one in facts.partners}
    return Judged(
        total,
        tuple(
            Lack(
                Text("missing", "bank_commitment", number=one.position, kind=_kind(one), amount=one.amount),
                part=one.amount,
                partner=names.get(one.organisation_id, "") if one.kind in _OWN else "",
            )
            for one in facts.sources
            if one.status not in _SURE
        ),
    )


def _papers(facts: BankabilityFacts) -> Judged:
    """What is said to be committed rests on a paper: a letter or agreement of the partner, of a region for a grant."""
    promised = facts.filed(*_PROMISES)
    organisations = {one.organisation_id for one in promised}
    regional = any(one.region_id is not None for one in promised)
    said = [one for one in facts.sources if one.status in _SURE]
    total = sum((one.amount for one in said), Decimal(0))
    if not total:
        return _all(Lack(Text("missing", "bank_promise")))
    names = {one.id: one.name for one in facts.partners}
    unproved: dict[str, Decimal] = {}
    for one in said:
        if one.organisation_id not in organisations and not (one.kind is SourceKind.GRANT and regional):
            key = names.get(one.organisation_id, "")
            unproved[key] = unproved.get(key, Decimal(0)) + one.amount
    return Judged(
        total,
        tuple(
            Lack(Text("missing", "bank_paper", amount=amount), part=amount, partner=partner)
            for partner, amount in unproved.items()
        ),
    )


def _security(facts: BankabilityFacts) -> Judged:
    unneeded = facts.sources and not any(one.kind is SourceKind.LOAN for one in facts.sources)
    if "security" in facts.held or unneeded:
        return _NONE
    return _all(Lack(Text("missing", "bank_security")))


def _planned(facts: BankabilityFacts) -> Judged:
    if facts.figures is None:
        return _all(Lack(Text("missing", "bank_plan")))
    faults = facts.figures.faults
    return _all(Lack(Text("missing", "bank_plan_faults", count=len(faults), first=faults[0]))) if faults else _NONE


def _cover(facts: BankabilityFacts) -> Judged:
    if facts.figures is None or facts.figures.faults:
        return _all(Lack(Text("missing", "bank_cover_unknown")))
    cover = facts.figures.cover
    if cover is None or cover >= LEAST_DSCR:
        return _NONE
    return _all(
        Lack(Text("missing", "bank_cover", cover=cover.quantize(_HUNDREDTH, rounding=ROUND_DOWN), least=LEAST_DSCR))
    )


def _cash(facts: BankabilityFacts) -> Judged:
    if facts.figures is None or facts.figures.faults:
        return _all(Lack(Text("missing", "bank_cash_unknown")))
    short = facts.figures.shortfalls
    if not short:
        return _NONE
    year, amount = max(short, key=lambda one: one[1])
    return _all(Lack(Text("missing", "bank_cash", year=str(year), amount=amount)))


def _sourced(facts: BankabilityFacts) -> Judged:
    if facts.figures is None or not facts.figures.assumed:
        return _all(Lack(Text("missing", "bank_assumptions")))
    loose = facts.figures.assumed - facts.figures.sourced
    lacking = [Lack(Text("missing", "bank_assumed", count=loose), part=Decimal(loose))] if loose else []
    return _of_each(facts.figures.assumed, lacking)


def _answered(facts: BankabilityFacts) -> Judged:
    if not facts.risks:
        return _all(Lack(Text("missing", "bank_risk_answers")))
    bare = [row for row in facts.risks if not (row.get("response") and row.get("owner"))]
    lacking = [Lack(Text("missing", "bank_risk_answer", risk=row.get("risk", ""))) for row in bare]
    return _of_each(len(facts.risks), lacking)


def _residual(facts: BankabilityFacts) -> Judged:
    weighed = [row for row in facts.risks if row.get("residual_probability") and row.get("residual_impact")]
    if facts.risks and len(weighed) == len(facts.risks):
        return _NONE
    return _all(Lack(Text("missing", "bank_residual")))


def _advised(facts: BankabilityFacts) -> Judged:
    endorsed = (Outcome.ENDORSE, Outcome.ENDORSE_WITH_CONDITIONS)
    rounds = facts.review.rounds
    if not facts.scoring:
        return _all(Lack(Text("missing", "bank_review")))
    open_panels = [key for key in facts.scoring if key not in rounds or rounds[key].outcome not in endorsed]
    return _of_each(
        len(facts.scoring), (Lack(Text("missing", "bank_endorsement", panel=panel)) for panel in open_panels)
    )


def _positions(facts: BankabilityFacts) -> Judged:
    rounds = [facts.review.rounds[key] for key in facts.stating if key in facts.review.rounds]
    if not rounds:
        return _all(Lack(Text("missing", "bank_positions")))
    silent = sum(len(one.silent) for one in rounds)
    return _all(Lack(Text("missing", "bank_silent", count=silent))) if silent else _NONE


def _conditions(facts: BankabilityFacts) -> Judged:
    if not any(one.outcome for one in facts.review.rounds.values()):
        return _all(Lack(Text("missing", "bank_decision")))
    count = len(facts.conditions)
    return _all(Lack(Text("missing", "bank_conditions", count=count))) if count else _NONE


def _signed(facts: BankabilityFacts) -> Judged:
    if facts.version is None or facts.version.void:
        return _all(Lack(Text("missing", "bank_version")))
    unsigned = facts.version.unsigned
    lacking = (Lack(Text("missing", "bank_signature", partner=name), partner=name) for name in unsigned)
    return _of_each(len(facts.partners), lacking)


def _section(key: str, title: Text, *criteria: Criterion) -> Section:
    return Section(key, title, criteria)


SECTIONS: tuple[Section, ...] = (
    _section(
        "borrowers",
        Text("word", "meter_borrowers"),
        Criterion("lead", 2, _MANAGER, "members", _lead),
        Criterion("sizes", 3, _MANAGER, "funding-question", _sizes),
        Criterion("accounts", 5, _LEAD, "evidence", _accounts),
        Criterion("team", 4, _LEAD, "protocol", _team),
    ),
    _section(
        "market",
        Text("word", "meter_market"),
        Criterion(
            "users",
            2,
            _LEAD,
            "protocol",
            _written("users", Text("missing", "bank_users")),
        ),
        Criterion(
            "competition",
            3,
            _LEAD,
            "protocol",
            _written("competition", Text("missing", "bank_competition")),
        ),
        Criterion("market_size", 4, _LEAD, "protocol", _market_figures),
        Criterion("demand", 3, _LEAD, "evidence", _demand),
    ),
    _section(
        "technology",
        Text("word", "meter_technology"),
        Criterion(
            "readiness",
            3,
            _LEAD,
            "protocol",
            _written("readiness", Text("missing", "bank_readiness")),
        ),
        Criterion(
            "property",
            2,
            _LEAD,
            "protocol",
            _written("property", Text("missing", "bank_property")),
        ),
        Criterion("standards", 3, _LEAD, "protocol", _standards),
        Criterion("readiness_papers", 2, _LEAD, "evidence", _filed(Text("missing", "bank_certificate"), "certificate")),
    ),
    _section(
        "delivery",
        Text("word", "meter_delivery"),
        Criterion(
            "milestones",
            3,
            _LEAD,
            "protocol",
            _written("milestones", Text("missing", "bank_milestones")),
        ),
        Criterion(
            "packages",
            2,
            _LEAD,
            "protocol",
            _written("packages", Text("missing", "bank_packages")),
        ),
        Criterion(
            "deliverables",
            1,
            _LEAD,
            "protocol",
            _written("deliverables", Text("missing", "bank_deliverables")),
        ),
        Criterion(
            "procurement",
            1,
            _LEAD,
            "protocol",
            _written("procurement", Text("missing", "bank_procurement")),
        ),
        Criterion("offers", 2, _LEAD, "evidence", _filed(Text("missing", "bank_offers"), "offer")),
        Criterion("permits", 2, _LEAD, "protocol", _permits),
    ),
    _section(
        "financing",
        Text("word", "meter_financing"),
        Criterion("scenario", 2, _MANAGER, "scenarios", _chosen),
        Criterion("gap", 4, _MANAGER, "scenarios", _gap),
        Criterion("lawful", 4, _MANAGER, "scenarios", _lawful),
        Criterion("committed", 5, _MANAGER, "scenarios", _committed),
        Criterion("papers", 3, _LEAD, "evidence", _papers),
        Criterion("security", 2, _LEAD, "protocol", _security),
    ),
    _section(
        "returns",
        Text("word", "meter_returns"),
        Criterion("plan", 4, _MANAGER, "financial-assumptions", _planned),
        Criterion("cover", 4, _MANAGER, "financial-assumptions", _cover),
        Criterion("cash", 3, _MANAGER, "financial-assumptions", _cash),
        Criterion("sourced", 2, _MANAGER, "financial-assumptions", _sourced),
    ),
    _section(
        "risks",
        Text("word", "meter_risks"),
        Criterion(
            "register",
            2,
            _LEAD,
            "protocol",
            _written("risks", Text("missing", "bank_risks")),
        ),
        Criterion("answers", 2, _LEAD, "protocol", _answered),
        Criterion("residual", 2, _LEAD, "protocol", _residual),
    ),
    _section(
        "approvals",
        Text("word", "meter_approvals"),
        Criterion("review", 3, ("iag_secretary",), "rounds", _advised),
        Criterion("positions", 3, ("wgra_chair",), "rounds", _positions),
        Criterion("conditions", 2, ("project_manager", "iag_secretary"), "rounds", _conditions),
        Criterion("signatures", 2, ("partner",), "protocol/sign-offs", _signed),
    ),
    _section(
        "effects",
        Text("word", "meter_effects"),
        Criterion(
            "effects",
            2,
            _LEAD,
            "protocol",
            _written("effects", Text("missing", "bank_effects")),
        ),
        Criterion(
            "environment",
            2,
            _LEAD,
            "protocol",
            _written("environment", Text("missing", "bank_environment")),
        ),
    ),
)
