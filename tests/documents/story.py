"""A round with everything in it: a conflict, a withdrawal, a correction, scores far apart, a condition."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

from pypdf import PdfReader
from sqlmodel import Session

from states import clock
from states.collaborations.tables import Collaboration
from states.partners.people import grant_role, person_by_email
from states.review.conflicts.service import agree, declare, rule
from states.review.conflicts.tables import ConflictKind
from states.review.consensus import record_consensus, record_discussion, record_minute
from states.review.decisions import confirm_decision, prepare_decision, release_decision
from states.review.evaluations import correct_evaluation, submit_evaluation
from states.review.seats import Place, change_by_hand, take_seat, withdraw
from states.review.service import close_round
from states.review.tables import Evaluation, Outcome, ReviewRound
from states.rights.access import Role
from tests.factories import World, a_collaboration_at, a_world, clear, open_iag, s3, scores_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PANEL = s3().panels["iag"]
SCORED = ("iag_member 1", "iag_member 2", "iag_member 3")
SEATED = (*SCORED, "iag_member 4", "iag_member 5")
LABELS = {key: f"Label of {key.replace(' ', ' number ')}" for key in SEATED}
POTENTIAL, DISQUALIFYING = "A lecture at a partner in 2024.", "My employer bids for the rigs."
WITHDRAWN, RULED, BY_HAND = "On leave until June.", "One lecture only.", "The only one who knows the market."
DISCUSSED, MINORITY, MINUTE = "They read the bank's letter together.", "One holds that 3.0 is right.", "Compared."
CORRECTED, REASONS = "I overlooked the bank's letter.", "Every threshold is met."
DEPARTURE = "The scores were given before the market study was withdrawn."
CONDITIONS = ("Evidence of demand from two more regions.", "Say who owns test data.")
SECRETS = (POTENTIAL, DISQUALIFYING, WITHDRAWN, RULED, BY_HAND, DISCUSSED, MINORITY, MINUTE, CORRECTED)


@dataclass
class Story:
    session: Session
    world: World
    row: Collaboration
    opened: ReviewRound
    evaluations: dict[str, Evaluation]

    def person(self, key: str) -> str:
        return self.world.people[key].id


def comment_of(name: str) -> str:
    return f"What {name} alone had to say of it."


def a_story(session: Session) -> Story:
    """Return a round of five seats, one disqualified and one withdrawn, whose three evaluations are in and closed."""
    world = a_world(session)
    for key in ("iag_member 4", "iag_member 5"):
        world.people[key] = person_by_email(session, email=f"{key[-1]}@example.org", label=key)
        grant_role(session, world.partnership, world.people[key], Role.IAG_MEMBER)
    for key, label in LABELS.items():
        world.people[key].label = label
        session.add(world.people[key])
    with clock.at(START - timedelta(days=10)):
        row = a_collaboration_at(world, "iag_review")
    with clock.at(START):
        opened = open_iag(world, row, reviewers=SEATED[:1])
    for day, key in enumerate(SEATED[1:], start=1):  # one a day, so that the seats have an order
        with clock.at(START + timedelta(days=day)):
            _seat(world, row, opened, key)
    story = Story(session, world, row, opened, {})
    _conflicts(story)
    _answers(story)
    with clock.at(START + timedelta(days=20)):
        close_round(session, opened, panel=PANEL)
    return story


def _seat(world: World, row: Collaboration, opened: ReviewRound, key: str) -> None:
    take_seat(
        world.session,
        opened,
        Place(world.people[key].id, why=("expertise: finance",)),
        collaboration=row,
        panel=PANEL,
        ladder=s3().ladders["default"],
    )


def _conflicts(story: Story) -> None:
    session, world, row, opened = story.session, story.world, story.row, story.opened
    with clock.at(START + timedelta(days=6)):
        for key in ("iag_member 1", "iag_member 3"):
            clear(world, row, opened, key)
        for key, kind, reason in (
            ("iag_member 2", ConflictKind.POTENTIAL, POTENTIAL),
            ("iag_member 4", ConflictKind.DISQUALIFYING, DISQUALIFYING),
        ):
            agree(session, partnership_id=world.partnership.id, person_id=story.person(key))
            declare(session, opened, person_id=story.person(key), kind=kind, reason=reason, collaboration=row)
        chair, secretary = story.person("iag_chair"), story.person("iag_secretary")
        change_by_hand(
            session, opened, person_id=story.person("iag_member 5"), seated=True, reason=BY_HAND, changed_by=secretary
        )
        withdraw(session, opened, person_id=story.person("iag_member 5"), reason=WITHDRAWN, collaboration=row)
        rule(
            session,
            opened,
            person_id=story.person("iag_member 2"),
            cleared=True,
            reason=RULED,
            ruled_by=chair,
            collaboration=row,
        )


def _answers(story: Story) -> None:
    for day, (key, score, plan) in enumerate(zip(SCORED, ("4", "4.5", "4"), ("4", "2", "3.5"), strict=True), start=10):
        scores = scores_of(score)[0] | {"financing_plan": plan}
        comments = dict.fromkeys(scores, comment_of(key))
        with clock.at(START + timedelta(days=day)):
            story.evaluations[key] = submit_evaluation(
                story.session,
                story.opened,
                person_id=story.person(key),
                scores=scores,
                comments=comments,
                panel=PANEL,
                collaboration=story.row,
            )
    with clock.at(START + timedelta(days=15)):
        scores = scores_of("4.5")[0] | {"financing_plan": "2.5"}
        comments = dict.fromkeys(scores, comment_of("iag_member 2")) | {
            "financing_plan": "The letter of the bank counts."
        }
        story.evaluations["corrected"] = correct_evaluation(
            story.session,
            story.opened,
            person_id=story.person("iag_member 2"),
            scores=scores,
            comments=comments,
            reason=CORRECTED,
            panel=PANEL,
            collaboration=story.row,
        )


def agree_on(story: Story, *, score: str = "4", plan: str = "3") -> None:
    """Record a discussion where one is due, the consensus and the minute."""
    session, opened, secretary = story.session, story.opened, story.person("iag_secretary")
    with clock.at(START + timedelta(days=22)):
        record_discussion(
            session, opened, criterion="financing_plan", record=DISCUSSED, person_id=secretary, panel=PANEL
        )
        scores = scores_of(score)[0] | {"financing_plan": plan}
        record_consensus(
            session,
            opened,
            scores=scores,
            comments=dict.fromkeys(scores, "What all of them say of it."),
            minority_views=[MINORITY],
            person_id=secretary,
            panel=PANEL,
        )
        record_minute(session, opened, text=MINUTE, person_id=secretary, panel=PANEL)


def prepare(story: Story, *, outcome: Outcome = Outcome.ENDORSE_WITH_CONDITIONS) -> None:
    conditions = CONDITIONS if outcome is Outcome.ENDORSE_WITH_CONDITIONS else ()
    with clock.at(START + timedelta(days=24)):
        prepare_decision(
            story.session,
            story.opened,
            person_id=story.person("iag_secretary"),
            outcome=outcome,
            reasons=REASONS,
            departure=DEPARTURE,
            conditions=conditions,
            panel=PANEL,
        )


def confirm(story: Story) -> None:
    with clock.at(START + timedelta(days=25)):
        confirm_decision(story.session, story.opened, person_id=story.person("iag_chair"), panel=PANEL)


def release(story: Story) -> None:
    with clock.at(START + timedelta(days=26)):
        release_decision(
            story.session, story.opened, person_id=story.person("iag_secretary"), panel=PANEL, collaboration=story.row
        )


def decide_on(story: Story, *, outcome: Outcome = Outcome.ENDORSE_WITH_CONDITIONS) -> None:
    """Take a round from its consensus to a released decision."""
    agree_on(story)
    prepare(story, outcome=outcome)
    confirm(story)
    release(story)


def text_of(content: bytes) -> str:
    """Return the text of a PDF, its lines and hyphens joined, so that a sentence can be looked for."""
    pages = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return " ".join(pages.replace("\u202f", " ").replace("\u00a0", " ").replace("-\n", "").split())
