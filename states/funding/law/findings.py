"""What a check answers: pass, fail, unknown or manual, with the article and a sentence."""

from dataclasses import dataclass
from enum import StrEnum

from states.funding.case.instruments import Instrument
from states.funding.rules.definition import Rule


class Answer(StrEnum):
    """`unknown`: a fact is missing; `manual`: a person has to judge or to act."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one check; `remedy` is what would make it pass, `blocks` that no money may be planned on it.

    `verified` tells whether somebody verified the rule, or the instrument whose terms are checked.
    """

    rule: str
    article: str
    answer: Answer
    sentence: str
    verified: bool
    remedy: str = ""
    partner: str = ""
    item: str = ""
    instrument: str = ""
    blocks: bool = False


def by_rule(
    rule: Rule,
    answer: Answer,
    sentence: str = "",
    *,
    remedy: str = "",
    partner: str = "",
    item: str = "",
    instrument: str = "",
    blocks: bool | None = None,
) -> Finding:
    """Answer for a rule of law; a failure blocks unless said otherwise. Without a sentence the rule's own stands."""
    return Finding(
        rule.id,
        rule.article,
        answer,
        sentence or rule.sentence,
        rule.verified,
        remedy,
        partner,
        item,
        instrument,
        answer is Answer.FAIL if blocks is None else blocks,
    )


def by_terms(instrument: Instrument, rule: str, answer: Answer, sentence: str, *, remedy: str = "") -> Finding:
    """Answer for the terms of a call; what is not known to be met blocks, because the payer will ask."""
    return Finding(
        f"terms-{rule}",
        f"Terms of {instrument.name}",
        answer,
        sentence,
        instrument.verified,
        remedy,
        instrument=instrument.id,
        blocks=answer in (Answer.FAIL, Answer.UNKNOWN),
    )
