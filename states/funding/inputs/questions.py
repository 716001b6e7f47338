"""What a collaboration asks of its funding: under which rules, on which facts, with which wishes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Stale
from states.funding.case.case import Wanted
from states.funding.case.gathering import partner_of
from states.funding.case.partners import Partner, ProjectFacts
from states.funding.case.reader import CaseInvalid, read_shape
from states.funding.case.vocabulary import BY_DATE, CaseModel
from states.funding.inputs.tables import FundingQuestion
from states.funding.rules.queries import shelf_for
from states.funding.scenario_triggers import ask_for_review

_OURS = frozenset({"id", "name", "years"})


class QuestionInvalid(Invalid):
    """The question cannot be asked so."""

    code = "question_invalid"


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule set by its name; `project`, `partners` by short name and `wanted` as in docs/reference/funding-case.md."""

    rule_set: str
    project: Mapping[str, object] = field(default_factory=dict)
    partners: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    wanted: Mapping[str, object] = field(default_factory=dict)


def question_of(session: Session, collaboration: Collaboration) -> FundingQuestion:
    """Return what is asked; before anybody asked, the plain question at version 0."""
    found = session.get(FundingQuestion, collaboration.id)
    return found or FundingQuestion(collaboration_id=collaboration.id, version=0)


def ask(session: Session, collaboration: Collaboration, asked: Asked, *, expected_version: int) -> FundingQuestion:
    """Put another question in the place of the present one; raise `QuestionInvalid` with every fault, or `Stale`."""
    session.refresh(collaboration, with_for_update=True)
    row = question_of(session, collaboration)
    if row.version != expected_version:
        raise Stale("funding_question", expected=expected_version, actual=row.version)
    if faults := list(_faults(session, collaboration, asked)):
        raise QuestionInvalid(faults=faults)
    row.rule_set, row.project, row.wanted = asked.rule_set, dict(asked.project), dict(asked.wanted)
    row.partners = {slug: dict(declared) for slug, declared in asked.partners.items()}
    row.version += 1
    session.add(row)
    session.flush()
    ask_for_review(session, collaboration)
    return row


def _faults(session: Session, collaboration: Collaboration, asked: Asked) -> Iterator[Fault]:
    known = (BY_DATE, *shelf_for(session, collaboration.partnership_id).sets)
    if asked.rule_set not in known:
        yield Fault("rule_set", "no_rule_set", remedy="one_of", rule_set=asked.rule_set, known=known)
    yield from _shape_faults("project", asked.project, ProjectFacts)
    yield from _shape_faults("wanted", asked.wanted, Wanted)
    entries = members_of(session, [collaboration.id])[collaboration.id]
    members = {entry.organisation.slug: entry.organisation for entry in entries}
    for slug, declared in asked.partners.items():
        if slug not in members:
            yield Fault(f"partners.{slug}", "no_partner_collaboration", remedy="one_of", known=tuple(members))
        else:
            for key in _OURS.intersection(declared):
                yield Fault(f"partners.{slug}.{key}", "kept_with_organisation", remedy="take_it_out")
            yield from _shape_faults(f"partners.{slug}", {**partner_of(members[slug]), **declared}, Partner)


def _shape_faults(place: str, tree: Mapping[str, object], shape: type[CaseModel]) -> Iterator[Fault]:
    try:
        read_shape(json.dumps(tree, default=str), shape)
    except CaseInvalid as invalid:
        for fault in invalid.faults:
            yield fault.at(f"{place}.{fault.place}")
