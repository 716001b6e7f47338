"""Rights said in SQL are the rights to each row: for any seats, declarations and papers, each role, each action."""

from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from sqlalchemy import select as plain
from sqlmodel import Session, SQLModel, col, select

import states.crossings.rights.providers  # noqa: F401 - they are what is tested
from states.archive.evidence.tables import Evidence
from states.archive.tables import BETWEEN, MOST_COMPARED, DocumentClass, DocumentKind, IssuedDocument
from states.clock import today
from states.collaborations.tables import Collaboration, Member
from states.deadlines.tables import Deadline
from states.funding.tables import Scenario
from states.matchmaking.event_day.tables import Participant, ParticipantState
from states.matchmaking.profiles.tables import Interest, Profile, ProfileState
from states.partners.queries import holders
from states.partners.tables import Organisation, Region, WorkingArea
from states.review.conflicts.tables import Declaration, ReviewerAgreement, Ruling
from states.review.tables import Evaluation, ReviewRound, RoundState, Seat, SeatState
from states.rights.access import Action, Actor, Role, Scope, may
from states.rights.conditions import Cases, Fact, decide, permitted_where, provide_cases
from states.rights.scopes import scopes_of
from states.storage import begin, table_of
from tests import laws
from tests.api.house import furnish
from tests.api.many_rows import fill

SEEDS, MOST = laws.of(range(3), range(1)), 20
READS = (
    Action.READ_COLLABORATION,
    Action.READ_PROGRESS,
    Action.READ_DOSSIER,
    Action.READ_ROUND,
    Action.READ_REVIEW,
    Action.READ_DEADLINES,
    Action.READ_DOCUMENT,
    Action.READ_PROFILES,
    Action.READ_PARTICIPANTS,
    Action.READ_INTEREST,
    Action.READ_EVIDENCE,
    Action.EDIT_EVIDENCE,
    Action.REDACT_EVIDENCE,
)
KINDS: tuple[type[Any], ...] = (
    Collaboration,
    Deadline,
    IssuedDocument,
    Evidence,
    Interest,
    Participant,
    Profile,
)
KINDS_OF_DEADLINES = (
    "stage",
    "declaration",
    "evaluation",
    "consensus",
    "condition",
    "profile_check",
    "interest_answer",
    "sign_off",
)


@pytest.mark.long
@pytest.mark.law
@pytest.mark.usefixtures("installation")
def test_what_sql_finds_is_what_the_table_of_rights_lets_through() -> None:
    with begin() as session:
        world, _ = furnish(session)
        fill(world, 4)
        people = [one for one in holders(session, world.partnership.id, *Role) if one.person.label in world.people]
        held = [one.grant.actor() for one in people]
    actors = [*held, Actor(Role.CLOCK, world.partnership.id)]
    found: set[tuple[str, Role]] = set()

    # The law has something to tell apart: a right that some rows have and others have not. What one draw leaves out, by
    # the ids of its rows, another one has.
    wanted = {(kind.__name__, Role.PARTNER) for kind in KINDS} | {
        (kind.__name__, Role.IAG_MEMBER) for kind in KINDS[:4]
    }
    for seed in range(MOST):
        if seed >= len(SEEDS) and wanted <= found:
            break
        with begin() as session:
            _shake(session, Random(seed), world.partnership.id)
            for actor, kind in product(actors, KINDS):
                rows = {str(row.id): row for row in session.exec(select(kind))}
                scopes = dict(zip(rows, scopes_of(session, actor, list(rows.values())), strict=True))
                for action in READS:
                    allowed = {key for key, scope in scopes.items() if may(actor, action, scope)}
                    assert _ids(session, actor, kind, action) == allowed, (seed, kind.__name__, actor.role, action)
                    if 0 < len(allowed) < len(rows):
                        found.add((kind.__name__, actor.role))
            session.rollback()

    assert wanted <= found


def _ids(session: Session, actor: Actor, kind: type[SQLModel], action: Action) -> set[str]:
    key = table_of(kind).c.id
    return set(session.scalars(plain(key).where(permitted_where(session, actor, kind, action))))


def _shake(session: Session, random: Random, partnership_id: str) -> None:
    """Change at random all that rights depend on."""
    people = [one.person.id for one in holders(session, partnership_id, *Role)]
    for round_row in session.exec(select(ReviewRound)):
        round_row.state = random.choice(list(RoundState))
        round_row.opened_at += timedelta(days=random.randrange(3))
    for seat in session.exec(select(Seat)):
        seat.state = random.choice([SeatState.ACTIVE, *SeatState])
    for declaration in session.exec(select(Declaration)).all():
        declaration.ruling = random.choice([Ruling.CLEARED, *Ruling])
        if random.random() < 0.3:
            later = declaration.model_dump(exclude={"id"}) | {"number": declaration.number + 1}
            session.add(Declaration(**later | {"ruling": random.choice(list(Ruling))}))
        elif random.random() < 0.2:
            session.delete(declaration)
    session.flush()
    # No service takes these away: by hand, then.
    agreement, evaluation = table_of(ReviewerAgreement), table_of(Evaluation)
    for key in session.exec(select(ReviewerAgreement.person_id)).all():
        if random.random() < 0.3:
            session.execute(agreement.delete().where(agreement.c.person_id == key))
    for key in session.exec(select(Evaluation.id)).all():
        if random.random() < 0.3:
            session.execute(evaluation.delete().where(evaluation.c.id == key))
    for member in session.exec(select(Member)):
        member.left_on = random.choice([None, None, today()])
    versions = session.exec(select(ReviewRound.protocol_version_id, ReviewRound.collaboration_id)).all()
    rounds = session.exec(select(ReviewRound.id, ReviewRound.collaboration_id)).all()
    of_round = col(ReviewRound.id) == col(Evaluation.round_id)
    evaluations = session.exec(select(Evaluation.id, ReviewRound.collaboration_id).join(ReviewRound, of_round)).all()
    proposals = session.exec(select(Scenario.id, Scenario.collaboration_id)).all()
    regions = [None, *session.exec(select(Region.id))]
    briefings = [(f"{key}{BETWEEN}{region}", case) for key, case in versions for region in regions]
    kept_scenarios = [key for key, _ in proposals]
    several = [random.choices(kept_scenarios, k=random.randint(1, MOST_COMPARED)) for _ in proposals]
    compared = [(BETWEEN.join(keys), case) for keys, (_, case) in zip(several, proposals, strict=True)]
    agendas = [(key, None) for key in session.exec(select(Participant.id))]
    booklets = [(key, None) for key in session.exec(select(Participant.event_id))]
    subjects = {
        DocumentKind.REVIEW_DOSSIER: rounds,
        DocumentKind.CONSENSUS_REPORT: rounds,
        DocumentKind.PANEL_MINUTES: rounds,
        DocumentKind.DECISION_LETTER: rounds,
        DocumentKind.INVESTMENT_PROTOCOL: versions,
        DocumentKind.EVALUATION_REPORT: evaluations,
        DocumentKind.PROPOSAL: proposals,
        DocumentKind.REDLINE: [(f"{one}{BETWEEN}{other}", case) for one, case in versions for other, _ in versions],
        DocumentKind.BRIEFING: briefings,
        DocumentKind.COMPARISON: compared,
        DocumentKind.TEASER: versions,
        DocumentKind.PERSONAL_AGENDA: agendas,
        DocumentKind.EVENT_BOOKLET: booklets,
    }
    organisations = session.exec(select(Organisation.id).where(col(Organisation.slug).startswith("medtech-"))).all()
    collaborations = [None, *session.exec(select(Collaboration.id))]
    for deadline in session.exec(select(Deadline)):
        deadline.kind = random.choice(KINDS_OF_DEADLINES)
        deadline.owner_role = random.choice(list(Role))
        deadline.owner_person_id = random.choice([None, *people])
        deadline.deputy_person_id = random.choice([None, None, *people])
        deadline.collaboration_id = random.choice(collaborations)
    for number, document in enumerate(session.exec(select(IssuedDocument))):
        document.kind = random.choice(list(DocumentKind))
        document.document_class = random.choice(list(DocumentClass))
        document.subject_id, document.collaboration_id = random.choice(
            [("gone", None), *subjects.get(document.kind, [])]
        )
        document.context_sha256, document.edition = str(number), 1000 + number
    for profile in session.exec(select(Profile)):
        profile.state = random.choice([ProfileState.PUBLISHED, *ProfileState])
        profile.valid_until = random.choice([None, today() - timedelta(days=1), today()])
        profile.organisation_id = random.choice(organisations)
    for interest in session.exec(select(Interest)):
        interest.sender_id, interest.host_id = random.choice(organisations), random.choice(organisations)
    for participant in session.exec(select(Participant)):
        participant.state = random.choice(list(ParticipantState))
    members = session.exec(select(Member.organisation_id)).all()
    kept = session.exec(select(Collaboration.id)).all()
    for filed in session.exec(select(Evidence)):
        filed.evidence_class = random.choice(list(DocumentClass))
        filed.organisation_id = random.choice([None, *members])
        filed.collaboration_id = random.choice(kept)
    session.flush()


def test_only_the_facts_that_decide_are_asked_for() -> None:
    every = tuple(Fact)
    here = Scope("here")

    def of(role: Role, action: Action) -> object:
        return decide(Actor(role, "here", person_id="p", organisation_id="o"), action, here, every)

    assert of(Role.PROJECT_MANAGER, Action.READ_PROGRESS) is True
    assert of(Role.IAG_MEMBER, Action.READ_CONTACTS) is False
    assert of(Role.PARTNER, Action.READ_PROGRESS) == (Fact.MEMBER, True, False)
    assert of(Role.IAG_MEMBER, Action.READ_DOSSIER) == (Fact.CLEARED, (Fact.CONFLICTED, False, True), False)
    elsewhere = Actor(Role.PROJECT_MANAGER, "elsewhere")
    assert decide(elsewhere, Action.READ_PROGRESS, here, every) is False


def test_one_answers_for_each_kind_and_nobody_for_what_is_not_registered() -> None:
    with pytest.raises(ValueError, match="two providers for Collaboration"):
        provide_cases(Collaboration, lambda *_: None, lambda *_: Cases([]))
    with pytest.raises(LookupError, match="nobody answers for WorkingArea"):
        permitted_where(Session(), Actor(Role.OBSERVER, "here"), WorkingArea, Action.READ_PARTNERSHIP)
