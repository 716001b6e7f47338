"""Whether the conditions of a rule are met for a cost item, why, and what would meet them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from states.funding.case.case import CostItem
from states.funding.case.partners import Partner, Site
from states.funding.case.vocabulary import NOUNS, ClusterPartOf, PartnerKind
from states.funding.law.dates import years_before
from states.funding.law.enterprises import SMES
from states.funding.law.facts import Answer, CaseFacts, in_eea
from states.funding.rules import conditions as c
from states.partners.tables import SizeClass

_FACTS = {
    "wide_dissemination": "the results are widely disseminated",
    "licences": "licences are offered, timely, non-exclusive and at market price",
    "joint_call": "an open call selected it as part of a project designed by several States",
    "seal_of_excellence": "the project has a Seal of Excellence",
    "eu_cofunded": "the Union co-funds the transnational project",
    "eu_selected": "the infrastructure was selected at Union level",
    "eureka": "it is a project of Eureka or of a Joint Undertaking",
    "msca_seal": "the action has a Seal of Excellence",
    "startup_terms": "the enterprise is unlisted, paid out no profit, took over nobody and was not formed by a merger",
    "teaming": "it is a Teaming action that the Union co-funds",
    "infrastructure_terms": "the infrastructure has separate accounts, market prices and open access",
    "initial_investment": "it is an initial investment",
    "new_activity": "the investment is for a new economic activity in the area",
    "risk_finance_terms": (
        "an intermediary chosen openly invests in an unlisted enterprise on a viable plan, within EUR 16.5 million"
    ),
    "shared_management": "a Union fund under shared management, or a recovery and resilience plan, supports it",
}
_LISTS = {
    "designing_states": "States designed the project together",
    "dissemination_states": "States see the results disseminated",
    "states_funding": "States pay for the infrastructure",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Met, not met, or not known; what is the case, and what would meet it."""

    answer: Answer
    says: str
    would: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    facts: CaseFacts
    item: CostItem
    partner: Partner
    site: Site


def judge(terms: c.Terms, facts: CaseFacts, item: CostItem) -> Verdict:
    """Judge the terms for one cost item; of several that are not met, all are named."""
    place = _Place(facts, item, facts.case.partner_of(item), facts.case.site_of(item))
    every = [_judge(condition, place) for condition in terms.all]
    some = [_judge(condition, place) for condition in terms.any]
    if some:
        every.append(_one_of(some))
    if not every:
        return Verdict(Answer.PASS, "nothing is asked")
    answers = {verdict.answer for verdict in every}
    answer = next((one for one in (Answer.FAIL, Answer.UNKNOWN) if one in answers), Answer.PASS)
    shown = [verdict for verdict in every if answer is Answer.PASS or verdict.answer is not Answer.PASS]
    return Verdict(answer, _join("; ", (v.says for v in shown)), _join("; ", (v.would for v in shown)))


def _one_of(some: list[Verdict]) -> Verdict:
    met = [verdict for verdict in some if verdict.answer is Answer.PASS]
    if met:
        return met[0]
    open_ = any(verdict.answer is Answer.UNKNOWN for verdict in some)
    answer = Answer.UNKNOWN if open_ else Answer.FAIL
    return Verdict(answer, _join("; ", (v.says for v in some)), _join(", or ", (v.would for v in some)))


def _join(by: str, texts: Iterable[str]) -> str:
    return by.join(dict.fromkeys(text for text in texts if text))


def _judge(condition: c.Condition, place: _Place) -> Verdict:
    match condition:
        case c.SizeIn():
            return _size(condition, place)
        case c.KindIn():
            is_met = place.partner.kind in condition.kinds
            kinds = " or ".join(condition.kinds)
            return _verdict(is_met, f"{place.partner.id} is of kind {place.partner.kind}", f"a partner of kind {kinds}")
        case c.AreaIn():
            return _area(condition, place)
        case c.Said():
            said = getattr(place.facts.case.project, condition.fact)
            return _said(said, _FACTS[condition.fact], f"project.{condition.fact}")
        case c.StatesAtLeast():
            return _states(condition, place)
        case c.BetweenUndertakings():
            return _between_undertakings(condition, place)
        case c.WithResearch():
            return _with_research(condition, place)
        case c.CollaborationStates():
            return _collaboration_states(condition, place)
        case c.SmeShare():
            return _sme_share(condition, place)
        case c.Trainees():
            says = f"the trainees are {'' if place.item.disadvantaged_trainees else 'not '}disadvantaged"
            return _verdict(place.item.disadvantaged_trainees, says, "trainees who are disadvantaged")
        case c.SmeCapacity():
            return _sme_capacity(condition, place)
        case c.UnionShare():
            return _union_share(condition, place)
        case c.ClusterPart():
            return _cluster_part(condition, place)
        case c.Young():
            return _young(condition, place)
        case c.StageIn():
            return _risk_stage(condition, place)
        case c.Predominant():
            return _predominant(condition, place)
        case c.Meets():
            return judge(place.facts.rules.bonuses[condition.bonus].when, place.facts, place.item)
        case c.InvestmentAtMost():
            total = place.facts.investment_of(place.item).eligible_costs
            would = f"an investment of at most {condition.euro:.2f} EUR"
            return _verdict(total <= condition.euro, f"the investment is {total:.2f} EUR", would)
        case c.CostsAtMost():
            return _costs_at_most(condition, place)


def _verdict(is_met: bool, says: str, would: str) -> Verdict:
    return Verdict(Answer.PASS, says) if is_met else Verdict(Answer.FAIL, says, would)


def _said(said: bool | None, sentence: str, key: str) -> Verdict:
    if said is None:
        return Verdict(Answer.UNKNOWN, f"nobody said whether {sentence}", f"say whether {sentence} ({key})")
    return Verdict(Answer.PASS, sentence) if said else Verdict(Answer.FAIL, f"it is not so that {sentence}", sentence)


def _size(condition: c.SizeIn, place: _Place) -> Verdict:
    size = place.facts.size(place.partner)
    if size is SizeClass.UNKNOWN:
        return Verdict(
            Answer.UNKNOWN, f"the size of {place.partner.id} is not known", f"the figures of {place.partner.id}"
        )
    wanted = " or ".join(condition.sizes)
    return _verdict(size in condition.sizes, f"{place.partner.id} is {size}", f"a {wanted} enterprise")


def _area(condition: c.AreaIn, place: _Place) -> Verdict:
    site = place.facts.map_site(place.item)
    area = place.facts.area(site)
    wanted = " or ".join(f'"{one}"' for one in condition.areas)
    if area is None:
        says = f"nobody said where {site.nuts} lies on the regional aid map"
        return Verdict(Answer.UNKNOWN, says, f"give aid_area of site {site.id} (a site in an area {wanted})")
    return _verdict(area in condition.areas, f'{site.nuts} lies in area "{area}"', f"a site in an area {wanted}")


def _states(condition: c.StatesAtLeast, place: _Place) -> Verdict:
    states = {one for one in getattr(place.facts.case.project, condition.states) if in_eea(one)}
    says = f"{len(states)} {_LISTS[condition.states]}"
    return _verdict(len(states) >= condition.least, says, f"{condition.least - len(states)} more of {condition.states}")


def _effective(place: _Place) -> Verdict:
    said = place.facts.case.project.effective_collaboration
    return _said(said, "the collaboration is effective", "project.effective_collaboration")


_ONE_UNDERTAKING = Verdict(Answer.FAIL, "only one undertaking does research in it", "a second, independent undertaking")


def _between_undertakings(condition: c.BetweenUndertakings, place: _Place) -> Verdict:
    facts = place.facts
    items = facts.items_of_undertakings
    groups = {facts.undertakings[item.partner] for item in items}
    if len(groups) < 2:
        return _ONE_UNDERTAKING
    if (effective := _effective(place)).answer is not Answer.PASS:
        return effective
    partners = {facts.case.partner_by_id[item.partner] for item in items}
    countries = {country for country in facts.countries(items) if in_eea(country)}
    if not (any(facts.size(one) in SMES for one in partners) or len(countries) >= condition.states):
        return Verdict(
            Answer.FAIL, "neither an SME nor a second State takes part", "an SME, or a partner in another State"
        )
    most = max(facts.share(group, facts.research_items) for group in groups)
    would = f"no undertaking with more than {condition.most_share} percent of the cost"
    return _verdict(most <= condition.most_share, f"the largest share is {most:.2f} percent", would)


def _with_research(condition: c.WithResearch, place: _Place) -> Verdict:
    facts = place.facts
    researching = {item.partner for item in facts.research_items}
    if not researching & facts.researchers or not researching - facts.researchers:
        says = "no undertaking works with a research organisation in it"
        return Verdict(Answer.FAIL, says, f"a research organisation with {condition.least_share} percent of the cost")
    if (effective := _effective(place)).answer is not Answer.PASS:
        return effective
    publish = _said(
        facts.case.project.right_to_publish, "the research organisation may publish", "project.right_to_publish"
    )
    if publish.answer is not Answer.PASS:
        return publish
    share = facts.share(facts.researchers, facts.research_items)
    would = f"research organisations with {condition.least_share} percent of the cost"
    return _verdict(share >= condition.least_share, f"research organisations bear {share:.2f} percent", would)


def _collaboration_states(condition: c.CollaborationStates, place: _Place) -> Verdict:
    """Count the States of undertakings: research organisations make no collaboration between undertakings."""
    facts = place.facts
    items = facts.items_of_undertakings
    if len({facts.undertakings[item.partner] for item in items}) < 2:
        return _ONE_UNDERTAKING
    if (effective := _effective(place)).answer is not Answer.PASS:
        return effective
    size = facts.size(place.partner)
    needed = condition.sme if size in SMES else condition.large
    states = sorted({country for country in facts.countries(items) if in_eea(country)})
    says = f"undertakings collaborate in {len(states)} States ({', '.join(states)})"
    return _verdict(len(states) >= needed, says, f"undertakings in {needed - len(states)} more")


def _sme_share(condition: c.SmeShare, place: _Place) -> Verdict:
    facts = place.facts
    if (effective := _effective(place)).answer is not Answer.PASS:
        return effective
    smes = {one.id for one in facts.case.partners if facts.size(one) in SMES}
    share = facts.share(smes, facts.items_of(place.item.activity))
    would = f"SMEs with {condition.least_share} percent of the cost"
    return _verdict(share >= condition.least_share, f"SMEs bear {share:.2f} percent", would)


def _sme_capacity(condition: c.SmeCapacity, place: _Place) -> Verdict:
    capacity = place.facts.case.project.sme_capacity
    would = f"{condition.least_share} percent of the capacity for SMEs (project.sme_capacity)"
    if capacity is None:
        return Verdict(Answer.UNKNOWN, "nobody said how much capacity SMEs have", would)
    return _verdict(capacity >= condition.least_share, f"SMEs have {capacity} percent of the capacity", would)


def _union_share(condition: c.UnionShare, place: _Place) -> Verdict:
    share = place.facts.case.project.eu_cost_share
    would = f"the Union covers {condition.least_share} percent of the eligible costs (project.eu_cost_share)"
    if share is None:
        return Verdict(Answer.UNKNOWN, "nobody said how much of the eligible costs the Union covers", would)
    return _verdict(share >= condition.least_share, f"the Union covers {share} percent of the eligible costs", would)


def _cluster_part(condition: c.ClusterPart, place: _Place) -> Verdict:
    """Ask what the partner is to the cluster: one of that kind owns and operates it where nothing is said."""
    partner = place.partner
    both = tuple(ClusterPartOf) if partner.kind is PartnerKind.CLUSTER else ()
    parts = partner.cluster_parts or both
    says = f"{partner.id} is {' and '.join(parts) or 'neither owner nor operator'} of an innovation cluster"
    would = f"the {condition.part} of the cluster (cluster_parts of the partner, or a partner of kind cluster)"
    return _verdict(condition.part in parts, says, would)


def _risk_stage(condition: c.StageIn, place: _Place) -> Verdict:
    stage, known = place.facts.case.project.risk_stage, " or ".join(condition.stages)
    if stage is None:
        return Verdict(Answer.UNKNOWN, "nobody said how far the enterprise is", "say it (project.risk_stage)")
    return _verdict(stage in condition.stages, f"the stage is {stage}", f"the stage {known} (project.risk_stage)")


def _costs_at_most(condition: c.CostsAtMost, place: _Place) -> Verdict:
    group, activity = place.facts.undertakings[place.partner.id], place.item.activity
    total = sum((one.amount for one in place.facts.items_of(activity) if one.partner in group), Decimal(0))
    says = f"{NOUNS[activity]} of {place.partner.id} is {total:.2f} EUR"
    return _verdict(total <= condition.euro, says, f"at most {condition.euro:.2f} EUR of {NOUNS[activity]}")


def _young(condition: c.Young, place: _Place) -> Verdict:
    founded, who = place.partner.founded, place.partner.id
    would = f"an enterprise of at most {condition.years} years"
    if founded is None:
        return Verdict(Answer.UNKNOWN, f"nobody said when {who} was founded", f"founded of {who}: {would}")
    young = founded >= years_before(place.facts.case.date, condition.years)
    return _verdict(young, f"{who} was founded on {founded}", would)


def _predominant(condition: c.Predominant, place: _Place) -> Verdict:
    facts = place.facts
    total = sum(item.amount for item in facts.research_items)
    theirs = sum(item.amount for item in facts.research_items if item.activity in condition.activities)
    named = " and ".join(NOUNS[activity] for activity in condition.activities)
    return _verdict(2 * theirs > total, f"{theirs:.2f} of {total:.2f} EUR are {named}", f"more than half of it {named}")
