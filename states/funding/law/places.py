"""What the law knows of a place: its area of the regional aid map, its cohesion category, what the funds pay there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from states.funding.case.vocabulary import Cohesion
from states.funding.law.facts import Answer, Finding, by_rule
from states.funding.rules.library import RuleSet
from states.places import cohesion, nuts
from states.places.cohesion import CohesionTable

_COFINANCING = {
    Cohesion.LESS_DEVELOPED: "cofinancing-less-developed",
    Cohesion.OUTERMOST: "cofinancing-less-developed",
    Cohesion.TRANSITION: "cofinancing-transition",
    Cohesion.MORE_DEVELOPED: "cofinancing-more-developed",
}


def aid_area(rules: RuleSet, code: str, on: date) -> Finding:
    """Say where a place (NUTS 2024) lies on the regional aid map on a day, and that it may be unknown."""
    found = rules.map_area(code, on)
    if found is None:
        sentence = f"No area of the map around {code} is known on {on}; that does not mean that there is none."
        remedy = "look at the map in force, and give aid_area and aid_map_rate of the site"
        return Finding("aid-map", "Regional aid map", Answer.UNKNOWN, sentence, False, remedy)
    rate = "with a rate that was not found" if found.percent is None else f"with {found.percent} percent"
    note = f" {found.note[:1].upper()}{found.note[1:]}." if found.note else ""
    sentence = f"{found.nuts} is an area of Article 107(3)({found.area}) TFEU, {rate} for large enterprises.{note}"
    answer, remedy = (Answer.PASS, "") if found.verified else (Answer.MANUAL, "compare it with the map in force")
    return by_rule(found, answer, f"{sentence} Source: {found.source}.", remedy=remedy)


def category(code: str, on: date, *, own: CohesionTable | None = None) -> Finding:
    """Say in which cohesion category a place is on a day, by which source; an office's `own` table goes first."""
    article = "Reg. (EU) 2021/1060 Art. 108"
    found = cohesion.classification(code, on=on, own=own)
    if found is None:
        sentence = f"The cohesion category of {code} is not known on {on}."
        remedy = "give cohesion of the site" if nuts.is_eu27(nuts.country(code)) else ""
        return Finding("cohesion", article, Answer.UNKNOWN, sentence, False, remedy)
    outermost = ", and an outermost region" if cohesion.is_outermost(code, own=own) else ""
    source = f" Source: {found.source}." if found.source else ""
    sentence = f"{found.nuts2} is a {found.category.replace('_', ' ')} region{outermost} ({found.law}).{source}"
    answer, remedy = (Answer.PASS, "") if found.verified else (Answer.MANUAL, "compare it with the law")
    return Finding("cohesion", article, answer, sentence, found.verified, remedy)


def cofinancing(rules: RuleSet, code: str, known: Cohesion, on: date) -> Iterator[Finding]:
    """Say what a programme of cohesion policy pays at most in a region of a category (Reg. 2021/1060 Article 112)."""
    rule = rules.rules.get(_COFINANCING[known])
    if rule is not None:
        listed = cohesion.classification(code, on=on)
        sure = listed is None or listed.verified or str(listed.category) != str(known)
        sentence = f"{code[:4]}: {known.replace('_', ' ')} region. {rule.sentence}"
        yield replace(by_rule(rule, Answer.PASS, sentence), verified=rule.verified and sure)
