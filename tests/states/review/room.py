"""A review room to test in: one collaboration under review, its people, and everything they can do, in short words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.review.rounds import panel_of
from states.review.access import evaluations_in, reviewer_access, round_scope, visible_evaluations
from states.review.conflicts.service import Clearance, agree, clearance, declare, rule
from states.review.conflicts.tables import ConflictKind, Declaration
from states.review.consensus import record_consensus, record_discussion, record_minute
from states.review.decisions import confirm_decision, prepare_decision, release_decision
from states.review.definition import Panel
from states.review.evaluations import correct_evaluation, save_draft, submit_evaluation
from states.review.queries import decision_of, evaluations_of
from states.review.seats import withdraw
from states.review.service import close_round
from states.review.tables import Consensus, Decision, Evaluation, EvaluationDraft, Outcome, ReviewRound, Seat
from states.rights.access import Role, Scope
from tests.factories import COMMENT, REVIEWERS, World, a_collaboration_at, a_world, open_iag, s3, scores_of

NONE, POTENTIAL, DISQUALIFYING = ConflictKind
IAG = s3().panels["iag"]
CRITERIA = tuple(criterion.key for criterion in IAG.criteria)
FIRST, SECOND, THIRD = REVIEWERS


@dataclass
class Room:
    """A round of a panel and who acts in it, each person by the key of `World.people`."""

    world: World
    row: Collaboration
    round: ReviewRound

    @property
    def session(self) -> Session:
        return self.world.session

    @property
    def panel(self) -> Panel:
        return panel_of(self.session, self.round)

    def id_of(self, name: str) -> str:
        return self.world.people[name].id

    def agree(self, *names: str) -> None:
        for name in names:
            agree(self.session, partnership_id=self.world.partnership.id, person_id=self.id_of(name))

    def declare(self, name: str, kind: ConflictKind = NONE, reason: str = "") -> Declaration:
        return declare(
            self.session,
            self.round,
            person_id=self.id_of(name),
            kind=kind,
            reason=reason,
            collaboration=self.row,
        )

    def rule(self, name: str, *, cleared: bool, by: str = "iag_chair", reason: str = "Long ago.") -> Declaration:
        return rule(
            self.session,
            self.round,
            person_id=self.id_of(name),
            cleared=cleared,
            reason=reason,
            ruled_by=self.id_of(by),
            collaboration=self.row,
        )

    def clear(self, *names: str) -> None:
        for name in names:
            self.agree(name)
            self.declare(name)

    def clearance(self, name: str) -> Clearance:
        return clearance(self.session, self.round, person_id=self.id_of(name), partnership_id=self.world.partnership.id)

    def closed_by(self, name: str) -> list[str]:
        return [refusal.code for refusal in self.clearance(name).refusals]

    def draft(self, name: str, scores: Mapping[str, object], *, expected: int | None = None) -> EvaluationDraft:
        return save_draft(
            self.session,
            self.round,
            person_id=self.id_of(name),
            scores=scores,
            comments={},
            panel=self.panel,
            collaboration=self.row,
            expected_version=expected,
        )

    def evaluate(self, name: str, score: str = "4", **other: str) -> Evaluation:
        """Submit `score` on every criterion but the `other` ones."""
        scores, comments = scores_of(score)
        return submit_evaluation(
            self.session,
            self.round,
            person_id=self.id_of(name),
            scores={**scores, **other},
            comments=comments,
            panel=self.panel,
            collaboration=self.row,
        )

    def correct(self, name: str, score: str = "3", *, reason: str = "A slip.") -> Evaluation:
        scores, comments = scores_of(score)
        return correct_evaluation(
            self.session,
            self.round,
            person_id=self.id_of(name),
            scores=scores,
            comments=comments,
            reason=reason,
            panel=self.panel,
            collaboration=self.row,
        )

    def withdraw(self, name: str, *, reason: str = "Ill.") -> Seat:
        return withdraw(self.session, self.round, person_id=self.id_of(name), reason=reason, collaboration=self.row)

    def counted(self) -> list[str]:
        """Return the labels of those whose evaluation counts."""
        labels = {person.id: name for name, person in self.world.people.items()}
        return sorted(labels[one.person_id] for one in evaluations_of(self.session, self.round.id))

    def readable(self, name: str) -> list[str]:
        """Return whose evaluations this person may read."""
        labels = {person.id: key for key, person in self.world.people.items()}
        actor, key = self.world.actor(Role.IAG_MEMBER, person=name), self.row.id
        access = reviewer_access(self.session, actor, [key])[key]
        scope = round_scope(actor, self.round, access, Scope(actor.partnership_id, conflicted=access.conflicted))
        given, key = evaluations_in(self.session, [self.round.id]), self.round.id
        found = visible_evaluations(actor, self.round, scope, given.submitted[key], given.counting[key])
        return sorted({labels[one.person_id] for one in found})

    def close(self) -> bool:
        return close_round(self.session, self.round, panel=self.panel)

    def discuss(self, criterion: str, *, by: str = "iag_secretary", record: str = "They talked.") -> None:
        record_discussion(
            self.session,
            self.round,
            criterion=criterion,
            record=record,
            person_id=self.id_of(by),
            panel=self.panel,
        )

    def consent(self, *, by: str = "iag_secretary", score: str = "4", minority_views: Sequence[str] = ()) -> Consensus:
        return record_consensus(
            self.session,
            self.round,
            scores=dict.fromkeys(CRITERIA, score),
            comments=dict.fromkeys(CRITERIA, COMMENT),
            minority_views=minority_views,
            person_id=self.id_of(by),
            panel=self.panel,
        )

    def minute(self, *, by: str = "iag_secretary", text: str = "Compared with nothing.") -> None:
        record_minute(self.session, self.round, text=text, person_id=self.id_of(by), panel=self.panel)

    def prepare(
        self,
        *,
        by: str = "iag_secretary",
        outcome: Outcome = Outcome.ENDORSE,
        conditions: Sequence[str] = (),
        reasons: str = "Thresholds are met.",
        departure: str | None = None,
    ) -> Decision:
        return prepare_decision(
            self.session,
            self.round,
            person_id=self.id_of(by),
            outcome=outcome,
            reasons=reasons,
            conditions=conditions,
            departure=departure,
            panel=self.panel,
        )

    def confirm(self, *, by: str = "iag_chair", expected: int | None = None) -> Decision:
        return confirm_decision(
            self.session, self.round, person_id=self.id_of(by), panel=self.panel, expected_version=expected
        )

    def release(self, *, by: str = "iag_secretary", expected: int | None = None) -> Decision:
        return release_decision(
            self.session,
            self.round,
            person_id=self.id_of(by),
            panel=self.panel,
            collaboration=self.row,
            expected_version=expected,
        )

    @property
    def decision(self) -> Decision | None:
        return decision_of(self.session, self.round.id)

    def to_decision(self, *names: str) -> None:
        """Let these people evaluate and go through the phases until a decision is next."""
        for name in names or REVIEWERS:
            self.clear(name)
            self.evaluate(name)
        self.close()
        self.consent()
        self.minute()


def a_room(session: Session, *, reviewers: tuple[str, ...] = REVIEWERS) -> Room:
    """Return a round of the IAG that has just been opened, these people on its seats."""
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    return Room(world, row, open_iag(world, row, reviewers=reviewers))
