"""State aid of the chosen scenario as it is printed: partner by partner in words, and what an authority will ask."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from documents.formats import euro, percent, share
from documents.languages import gettext
from documents.meta import Line, Plain
from documents.parts import Euro
from documents.proposal.asked import Asked
from documents.proposal.names import article_said, reason_said, told
from documents.proposal.rules import Law
from documents.words import activity, capital, word
from states.funding.checks.aid_by_partner import AidLine, PartnerAid, Threshold, aid_by_partner
from states.funding.finance.indicators import FundingGap, Indicators
from states.funding.rules.definition import Rule
from states.funding.rules.wording import rule_said


class AidRow(Plain):
    """The aid for one cost of a partner, EUR gross; `percent` is empty where the law knows no intensity."""

    work: Line
    basis: Line
    eligible: Euro
    percent: str = ""
    most: Euro
    granted: Euro
    left: Euro


class ThresholdRow(Plain):
    """What a partner has below a limit in EUR, and what that means."""

    says: Line


class PartnerAidBlock(Plain):
    """The aid of one partner: its size with how that is known, its rows, their sums, and its limits in EUR."""

    partner: Line
    size: Line
    proved: bool
    rows: tuple[AidRow, ...]
    eligible: Euro
    most: Euro
    granted: Euro
    left: Euro
    thresholds: tuple[ThresholdRow, ...] = ()


class RuleWords(Plain):
    """What an article says, in a sentence of the house."""

    article: Line
    says: Line


class PrintedAid(Plain):
    """All aid of a scenario; `rules` are those it rests on, `unverified` those that nobody compared with the text."""

    partners: tuple[PartnerAidBlock, ...]
    rules: tuple[RuleWords, ...]
    unverified: tuple[Line, ...]
    unread: tuple[Line, ...]
    to_do: tuple[RuleWords, ...]
    broken: tuple[RuleWords, ...]
    notified: bool
    rule_set: Line

    @property
    def granted(self) -> Decimal:
        """EUR of aid to all partners."""
        return sum((one.granted for one in self.partners), Decimal("0.00"))

    @property
    def most(self) -> Decimal:
        """EUR that all ceilings allow."""
        return sum((one.most for one in self.partners), Decimal("0.00"))

    @property
    def left(self) -> Decimal:
        """EUR up to all ceilings."""
        return sum((one.left for one in self.partners), Decimal("0.00"))

    @property
    def eligible(self) -> Decimal:
        """EUR of the costs that aid pays for."""
        return sum((one.eligible for one in self.partners), Decimal("0.00"))


def printed_aid(law: Law, *, only: Collection[str] | None = None) -> PrintedAid:
    """Return the aid of a scenario that stands on a frozen case: of all partners, or of those of these short names."""
    found = aid_by_partner(law.case, law.mix, rules=law.rules)
    if only is not None:
        found = replace(found, partners=tuple(one for one in found.partners if one.partner.id in only))
    used = {rule.id: rule for one in found.partners for line in one.lines for rule in line.rules}
    blocks = tuple(_block(one, law.accounts) for one in found.partners if one.lines)
    return PrintedAid(
        partners=blocks,
        rules=tuple(
            RuleWords(article=article_said(one.article), says=rule_said(one.sentence)) for one in used.values()
        ),
        unverified=tuple(dict.fromkeys(one.article for one in found.unverified)),
        unread=tuple(told(name) for name in found.unread),
        to_do=tuple(RuleWords(article=article_said(article), says=says) for article, says in law.to_do(only)),
        broken=tuple(RuleWords(article=article_said(article), says=law.worded(says)) for article, says in law.broken),
        notified=any(_is_over(one) for partner in found.partners for one in partner.thresholds),
        rule_set=law.name,
    )


def _block(one: PartnerAid, accounts: Mapping[str, str]) -> PartnerAidBlock:
    rows = tuple(_row(line) for line in one.lines)
    thresholds = {limit.rule.id: limit for limit in one.thresholds}
    return PartnerAidBlock(
        partner=told(one.partner.name),
        size=size_said(one, accounts),
        proved=one.proved,
        rows=rows,
        eligible=sum((row.eligible for row in rows), Decimal("0.00")),
        most=sum((row.most for row in rows), Decimal("0.00")),
        granted=sum((row.granted for row in rows), Decimal("0.00")),
        left=sum((row.left for row in rows), Decimal("0.00")),
        thresholds=tuple(ThresholdRow(says=_threshold(limit)) for limit in thresholds.values()),
    )


def size_said(one: PartnerAid, accounts: Mapping[str, str]) -> str:
    """Say how large a partner counts, and by what that is known; `accounts` are the annexes that hold some."""
    if one.proved:
        proof = gettext("by its accounts")
    elif annex := accounts.get(one.partner.id):
        said = gettext("as it declares; accounts filed as annex %(number)s of the proposal, no figures entered")
        proof = said % {"number": annex}
    else:
        proof = gettext("as it declares, no accounts")
    reason = "" if one.sizing.reason in ("", "as declared") else f"; {reason_said(one.sizing.reason)}"
    return f"{word(one.sizing.size)}, {proof}{reason}"


def _row(line: AidLine) -> AidRow:
    said = line.item.title or capital(word(line.item.cost_category))
    rate = percent(line.percent) if line.percent is not None else ""
    pays = (
        "; " + gettext("the call pays %(rate)s") % {"rate": percent(line.rate)}
        if line.percent is None or line.rate < line.percent
        else ""
    )
    return AidRow(
        work=f"{told(said)}, {activity(line.item.activity)}",
        basis=f"{_basis(line.rules)}{pays}",
        eligible=line.item.amount,
        percent=rate,
        most=line.most,
        granted=line.granted,
        left=line.left,
    )


def _basis(rules: tuple[Rule, ...]) -> str:
    if not rules:
        return "de minimis"
    base, *more = (article_said(one.article) for one in rules)
    law = base.partition("Art. ")[0] + "Art. "
    return ", ".join((base, *(one.removeprefix(law) for one in more)))


def _is_over(one: Threshold) -> bool:
    return one.notification and one.granted > one.most


def _threshold(one: Threshold) -> str:
    amounts = {"granted": one.granted, "most": one.most, "left": one.left}
    values = {"article": article_said(one.rule.article), **{name: euro(amount) for name, amount in amounts.items()}}
    if not one.notification:
        return gettext("De minimis (%(article)s): %(granted)s of %(most)s, %(left)s left.") % values
    if _is_over(one):
        return gettext("%(article)s: %(granted)s of %(most)s, the aid is notified.") % values
    return gettext("%(article)s: %(granted)s of %(most)s, no notification.") % values


def asked_of_aid(aid: PrintedAid, told_by: Indicators | None, *, grants: Decimal, total: Decimal) -> Iterator[Asked]:
    """Yield what an authority will ask of the aid, with what the case answers."""
    if told_by is not None:
        yield _overcompensation(told_by.funding_gap, grants=grants, total=total)
    unproved = [one for one in aid.partners if not one.proved]
    if unproved:
        names = "; ".join(one.partner for one in unproved)
        yield Asked(
            question=gettext("Is the size of each enterprise shown?"),
            answer=gettext("Not by figures of accounts: %(names)s count as they declare. Bonuses for size hang on it.")
            % {"names": names},
        )
    if aid.notified:
        yield Asked(
            question=gettext("Is aid to be notified?"),
            answer=gettext("Yes: a threshold is passed, see the partners above."),
        )
    else:
        yield Asked(
            question=gettext("Is aid to be notified?"),
            answer=gettext("No: no partner passes a threshold of the articles used."),
        )
    if aid.unverified or aid.unread:
        parts = []
        if aid.unverified:
            parts.append(gettext("Articles: %(articles)s") % {"articles": ", ".join(map(article_said, aid.unverified))})
        if aid.unread:
            parts.append(gettext("the terms of: %(instruments)s") % {"instruments": "; ".join(aid.unread)})
        yield Asked(question=gettext("What has nobody compared with the official text?"), answer=f"{'; '.join(parts)}.")


def _overcompensation(gap: FundingGap, *, grants: Decimal, total: Decimal) -> Asked:
    values = {
        "grants": euro(grants),
        "share": share(grants, total),
        "more": euro(grants - gap.gap),
        "gap": euro(gap.gap),
    }
    if grants > gap.gap:
        says = gettext(
            "Grants of %(grants)s (%(share)s of the cost) are %(more)s above the funding gap of %(gap)s. The articles "
            "that are used set their ceiling by intensity, not by the gap; that the payers accept it is not on record."
        )
    else:
        says = gettext("No: grants of %(grants)s (%(share)s of the cost) stay within the funding gap of %(gap)s.")
    said = says % values
    if gap.rate is not None:
        part = percent(round(gap.rate, 1))
        said += " " + gettext("The gap is %(part)s of the discounted cost.") % {"part": part}
    return Asked(question=gettext("Do the grants pay more than the project needs?"), answer=said)
