"""When a partner becomes lead, or leaves: what was theirs is handed over, or named as an open point."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session, col, select

from states.collaborations.queries import members_of, partners_ever_of
from states.collaborations.service import Joining, add_member, change_member, remove_member
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.agreements import CONDITION_DEADLINE
from states.crossings.costs import change_cost, rates_apart, typed_apart
from states.crossings.deadlines.followers import followed
from states.crossings.implementation.progress import PROGRESS_DEADLINE
from states.crossings.questions.asking import readdress_organisation
from states.crossings.section_assignments import release_organisation
from states.deadlines.kinds import Waiting
from states.deadlines.service import hand_over
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Missing, Refusal
from states.funding.inputs.cost_lines import plan_of
from states.funding.queries import costs_of, lines_of, scenarios_of
from states.funding.scenario_triggers import ask_for_review
from states.partners.tables import Organisation
from states.playbooks.editions import playbook_of
from states.protocol.queries import drafts_of, latest_versions
from states.rights.access import Actor

_MANAGER = ("project_manager",)
_AUTHORS = ("project_manager", "partner")


_OWN = (Waiting.SIGN_OFF.value, PROGRESS_DEADLINE, CONDITION_DEADLINE)


def join(
    session: Session, row: Collaboration, joining: Joining, *, actor: Actor, expected_version: int | None = None
) -> None:
    """Let an organisation join, or join again; what waited for a former lead waits for the new one."""
    before = lead_of(session, row)
    with followed(session, row):
        add_member(session, row, joining, expected_version=expected_version)
        _hand_over(session, row, before, actor=actor)
        ask_for_review(session, row)


def change_part(
    session: Session,
    row: Collaboration,
    organisation_id: str,
    *,
    part: MemberPart | None,
    contribution: str | None,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Change a member's part or contribution; what waited for the former lead waits for the new one."""
    before = lead_of(session, row)
    with followed(session, row):
        change_member(
            session, row, organisation_id, part=part, contribution=contribution, expected_version=expected_version
        )
        _hand_over(session, row, before, actor=actor)
        ask_for_review(session, row)


def leave(
    session: Session,
    row: Collaboration,
    organisation_id: str,
    *,
    next_lead: str | None = None,
    costs_to: str | None = None,
    actor: Actor,
    expected_version: int | None = None,
) -> None:
    """Let a member leave: its deadlines go to the lead, its costs to `costs_to`, at that organisation's own site.

    Without `costs_to` its cost lines stay, and are an open point. Raises `LeadNeeded`, or `Missing` where an
    organisation that is named takes no part.
    """
    before = lead_of(session, row)
    heir = None if costs_to is None else _other(session, row, costs_to, than=organisation_id)
    with followed(session, row):
        remove_member(session, row, organisation_id, next_lead=next_lead, expected_version=expected_version)
        _hand_over(session, row, before, actor=actor)
        _hand_over_of_left(session, row, organisation_id, actor=actor)
        if heir is not None:
            _hand_over_costs(session, row, organisation_id, heir)
        readdress_organisation(session, row, organisation_id)
        release_organisation(session, row, session.get_one(Organisation, organisation_id))
        ask_for_review(session, row)


def lead_of(session: Session, row: Collaboration) -> Organisation | None:
    """Return who leads now."""
    entries = members_of(session, [row.id])[row.id]
    return next((entry.organisation for entry in entries if entry.member.part is MemberPart.LEAD), None)


def _hand_over(session: Session, row: Collaboration, before: Organisation | None, *, actor: Actor) -> None:
    """Let what waited for the former lead wait for the new one; what each organisation does itself stays its own."""
    after = lead_of(session, row)
    if before is None or after is None or before.id == after.id:
        return
    query = select(Deadline).where(
        Deadline.collaboration_id == row.id,
        Deadline.state == DeadlineState.OPEN,
        Deadline.owner_organisation_id == before.id,
        col(Deadline.personal).is_(False),
        col(Deadline.kind).not_in(_OWN),
    )
    for one in session.exec(query.order_by(col(Deadline.id))).all():
        reason = f"{after.name} leads in the place of {before.name}"
        hand_over(session, one, organisation_id=after.id, nuts=after.nuts, reason=reason, actor=actor)


def _hand_over_of_left(session: Session, row: Collaboration, organisation_id: str, *, actor: Actor) -> None:
    """Let what a partner that left was to report, or to give to a funder, wait for the lead."""
    lead = lead_of(session, row)
    if lead is None:
        return
    reason = f"{session.get_one(Organisation, organisation_id).name} takes part no more"
    query = select(Deadline).where(
        Deadline.collaboration_id == row.id,
        Deadline.state == DeadlineState.OPEN,
        Deadline.owner_organisation_id == organisation_id,
        col(Deadline.kind).in_((PROGRESS_DEADLINE, CONDITION_DEADLINE)),
    )
    for one in session.exec(query.order_by(col(Deadline.id))).all():
        hand_over(session, one, organisation_id=lead.id, nuts=lead.nuts, reason=reason, actor=actor)


def _other(session: Session, row: Collaboration, key: str, *, than: str) -> Organisation:
    entries = members_of(session, [row.id])[row.id]
    found = next((entry.organisation for entry in entries if entry.organisation.id == key != than), None)
    if found is None:
        raise Missing("member", key)
    return found


def _hand_over_costs(session: Session, row: Collaboration, organisation_id: str, heir: Organisation) -> None:
    for line in costs_of(session, row.id):
        if line.organisation_id == organisation_id:
            plan = replace(plan_of(line), organisation_id=heir.id, nuts=heir.nuts)
            change_cost(session, row, line, plan)


def open_points(session: Session, row: Collaboration) -> list[Refusal]:
    """Name what is still of a former lead or former partners, or was entered twice, and where each is put right."""
    present = {entry.organisation.id for entry in members_of(session, [row.id])[row.id]}
    left = {
        entry.organisation.id: entry.organisation
        for entry in sorted(partners_ever_of(session, [row.id])[row.id], key=lambda one: one.organisation.name)
        if entry.organisation.id not in present
    }
    apart = [point for point in (typed_apart(session, row), rates_apart(session, row)) if point]
    return [
        *_of_version(session, row),
        *apart,
        *(point for one in left.values() for point in _of_costs(session, row, one)),
        *_of_scenario(session, row, left),
        *(point for one in left.values() for point in _of_protocol(session, row, one)),
    ]


def _of_version(session: Session, row: Collaboration) -> Iterator[Refusal]:
    latest = latest_versions(session, [row.id]).get(row.id)
    if latest is not None and latest.consortium != row.consortium:
        yield Refusal("consortium_changed", number=latest.number, mend_by=_AUTHORS, where="protocol/versions")


def _of_costs(session: Session, row: Collaboration, left: Organisation) -> Iterator[Refusal]:
    lines = [line for line in costs_of(session, row.id) if line.organisation_id == left.id]
    if lines:
        yield Refusal(
            "costs_of_former_partner",
            organisation=left.name,
            count=len(lines),
            amount=sum((line.amount for line in lines), Decimal(0)),
            mend_by=_MANAGER,
            where="cost-lines",
            missing=tuple(line.slug for line in lines),
        )


def _of_scenario(session: Session, row: Collaboration, left: Mapping[str, Organisation]) -> Iterator[Refusal]:
    chosen = [scenario for scenario in scenarios_of(session, row.id) if scenario.chosen]
    for one in lines_of(session, chosen):
        named = {line.organisation_id for line in one.uses} | {line.organisation_id for line in one.sources}
        for organisation in (of for key, of in left.items() if key in named):
            yield Refusal(
                "scenario_of_former_partner",
                scenario=one.scenario.name,
                organisation=organisation.name,
                mend_by=_MANAGER,
                where="scenarios",
            )


def _of_protocol(session: Session, row: Collaboration, left: Organisation) -> Iterator[Refusal]:
    drafts = {draft.key: draft.content for draft in drafts_of(session, [row.id])[row.id]}
    named = tuple(
        section.title
        for section in playbook_of(session, row).protocol
        if _names(drafts.get(section.key, {}).values(), {left.name, left.slug})
    )
    if named:
        yield Refusal(
            "protocol_names_former_partner",
            organisation=left.name,
            mend_by=_AUTHORS,
            where="protocol",
            missing=named,
        )


def _names(fields: Iterable[object], names: set[str]) -> bool:
    """Tell whether a row of a table has one of these names in a cell."""
    rows = (one for value in fields if isinstance(value, list) for one in value)
    return any(names & set(one.values()) for one in rows)
