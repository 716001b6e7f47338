"""What the rules say of a scenario that was made from its case: what is to do, and what has broken it since."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from documents.languages import gettext
from documents.proposal.annexes import accounts_filed
from documents.proposal.names import figures_said, told
from documents.proposal.scenario import CostSaid
from documents.words import word
from states.collaborations.tables import Collaboration
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.partners import Partner
from states.funding.checks.checker import open_points
from states.funding.inputs.tables import SolvedCase
from states.funding.law.facts import Finding
from states.funding.money.options import Option
from states.funding.rules.library import RuleSet
from states.funding.rules.queries import kept_rules, shelf_for
from states.funding.rules.wording import rule_said
from states.funding.tables import Scenario
from states.storage import Readings
from states.texts.read_back import checked_said


@dataclass(frozen=True, slots=True)
class Law:
    """A scenario's frozen case and mix with the rules of its time, and what has broken it: article and sentence.

    `accounts` are the annexes that hold accounts, by the short name of their partner.
    """

    case: FundingCase
    mix: FundingScenario
    rules: RuleSet
    broken: tuple[tuple[str, str], ...]
    accounts: Mapping[str, str]

    @property
    def name(self) -> str:
        """The rule sets, by key and title."""
        return "; ".join(f"{one.id} ({rule_said(one.title)})" for one in self.rules.each)

    @property
    def verified_on(self) -> date | None:
        """The day on which the oldest of its rules was compared with the official text."""
        return min((one.verified_on for one in self.rules.rules.values() if one.verified_on is not None), default=None)

    def to_do(self, only: Collection[str] | None = None) -> list[tuple[str, str]]:
        """Return what a person has to do before the money flows, by article: in words, with names for keys.

        Of what is about one partner, that of these alone, by their short names.
        """
        found: dict[tuple[str, str], list[Finding]] = {}
        for one in open_points(self.case, self.mix, rules=self.rules, verification=False):
            about = self._about(one)
            if only is None or about is None or about.id in only:
                found.setdefault((one.rule, one.article), []).append(one)
        return [(article, self._said(several)) for (_, article), several in found.items()]

    def _said(self, several: list[Finding]) -> str:
        alone = len({one.sentence for one in several}) == 1
        rule = self.rules.rules.get(several[0].rule)
        says = checked_said(rule_said(several[0].sentence if alone or rule is None else rule.sentence))
        whom = dict.fromkeys(filter(None, (self._whom(one) for one in several)))
        return self.worded(says) + (" " + gettext("For %(whom)s.") % {"whom": "; ".join(whom)} if whom else "")

    def _about(self, one: Finding) -> Partner | None:
        if one.partner:
            return self.case.partner_by_id[one.partner]
        return self.case.partner_of(self.case.item_by_id[one.item]) if one.item else None

    def _whom(self, one: Finding) -> str:
        about = self._about(one)
        return told(about.name) if about else ""

    def worded(self, text: str) -> str:
        """Put names for the keys that a sentence of the checker speaks in."""
        names = {key: told(one.name) for key, one in self.case.enterprise_by_id.items()}
        names |= {key: told(one.name) for key, one in self.case.instrument_by_id.items()}
        for item in self.case.cost_items:
            names[item.id] = gettext("%(cost)s of %(partner)s") % {
                "cost": told(item.title or word(item.cost_category)),
                "partner": told(self.case.partner_of(item).name),
            }
        keys = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        return figures_said(told(re.sub(rf"(?<![\w-])(?:{keys})(?![\w-])", lambda key: names[key[0]], text)))


def law_of(session: Session, row: Scenario) -> Law | None:
    """Return the law of a scenario; None for one that was made by hand, which asked no rule."""
    if row.solved_case_id is None:
        return None
    solved = session.get_one(SolvedCase, row.solved_case_id)
    shelf = shelf_for(session, session.get_one(Collaboration, row.collaboration_id).partnership_id)
    rules = kept_rules(Readings(session), solved.rules_text) if solved.rules_text else shelf.rule_set(solved.rule_set)
    return Law(
        case=FundingCase.model_validate(solved.case),
        mix=FundingScenario.model_validate(row.mix),
        rules=replace(rules, calendar=shelf.calendar),
        broken=tuple(_broken(row)),
        accounts=accounts_filed(session, row.collaboration_id),
    )


def _broken(row: Scenario) -> Iterator[tuple[str, str]]:
    for text in (*row.breaches, *row.stale):
        article, _, sentence = text.partition(": ")
        found = (article, sentence) if sentence else (gettext("The case"), article)
        yield told(checked_said(found[0])), told(checked_said(found[1]))


def costs_said(case: FundingCase, options: Mapping[str, Option]) -> Iterator[CostSaid]:
    """Say of each cost that was not simply stated in EUR how it came about, by which article."""
    for item in case.cost_items:
        option = options.get(item.simplified)
        simplified = f"{option.title} ({option.article})" if option else item.simplified
        how = [part for part in (item.stated, gettext("in kind") if item.in_kind else "", simplified) if part]
        if how:
            said = item.title or word(item.cost_category)
            partner = case.partner_of(item).name
            yield CostSaid(what=said[:1].upper() + said[1:], partner=partner, how="; ".join(how), amount=item.amount)
