"""The commands `bankable decision`: prepared by one person, confirmed by another, released; corrected by two others."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlmodel import Session

from api.commands.signed_in import Token
from api.http.access import ROUND, Allowed
from states.credentials.tokens import actor_of
from states.crossings.deadlines.followers import followed
from states.crossings.review.rounds import panel_of
from states.errors import Denied, Missing
from states.review.access import RoundAccess
from states.review.corrections import corrections_of, prepare_correction, release_correction
from states.review.decisions import confirm_decision, prepare_decision, release_decision
from states.review.queries import decision_of
from states.review.states import decision_state
from states.review.tables import Outcome
from states.rights.access import Action
from states.storage import begin

decisions = typer.Typer(
    help="Prepare, confirm, release and correct the decision on a review round.", no_args_is_help=True
)

Round = Annotated[str, typer.Argument(metavar="ROUND", help="id of the round, as /collaborations/.../rounds lists it")]
Decided = Annotated[Outcome, typer.Option("--outcome", help="what is decided")]
Reasons = Annotated[str, typer.Option(help="why")]
Departure = Annotated[str | None, typer.Option(help="why it departs from what the scores or the regions recommend")]
Conditions = Annotated[list[str] | None, typer.Option("--condition", help="to be met; may be repeated")]


@decisions.command()
def show(key: Round, token: Token) -> None:
    """Say how far the decision on a round is, what it says, and how it was corrected."""
    with begin(read_only=True) as session:
        found = Allowed(ROUND, Action.RUN_REVIEW)(session, actor_of(session, token), round_id=key)
        row = decision_of(session, found.row.id)
        if row is None:
            raise Missing("decision", key)
        typer.echo(
            "\t".join(
                (decision_state(row) or "", row.outcome, row.reasons, *row.conditions, *filter(None, [row.departure]))
            )
        )
        for one in corrections_of(session, found.row.id):
            how = "released" if one.released_at else "waits for its release"
            typer.echo("\t".join((f"correction {one.number}", how, one.outcome, one.because)))


@decisions.command()
def prepare(
    key: Round,
    outcome: Decided,
    reasons: Reasons,
    token: Token,
    conditions: Conditions = None,
    departure: Departure = None,
) -> None:
    """Prepare the decision on a closed round, or prepare it anew until another person confirms it."""
    with _deciding(key, token, Action.PREPARE_DECISION) as (session, found, person):
        prepare_decision(
            session,
            found.row,
            person_id=person,
            outcome=outcome,
            reasons=reasons,
            conditions=conditions or (),
            departure=departure,
            panel=panel_of(session, found.row),
        )


@decisions.command()
def confirm(key: Round, token: Token) -> None:
    """Confirm what another person prepared."""
    with _deciding(key, token, Action.CONFIRM_DECISION) as (session, found, person):
        confirm_decision(session, found.row, person_id=person, panel=panel_of(session, found.row))


@decisions.command()
def release(key: Round, token: Token) -> None:
    """Release a confirmed decision: the partners read it from now on."""
    with _deciding(key, token, Action.RELEASE_DECISION) as (session, found, person):
        release_decision(
            session,
            found.row,
            person_id=person,
            panel=panel_of(session, found.row),
            collaboration=found.collaboration,
        )


@decisions.command()
def correct(
    key: Round,
    because: Annotated[str, typer.Option(help="what was wrong with the text in force")],
    outcome: Decided,
    reasons: Reasons,
    token: Token,
    conditions: Conditions = None,
    departure: Departure = None,
) -> None:
    """Prepare another text of a released decision; until another person releases it, the present one holds."""
    with _deciding(key, token, Action.PREPARE_DECISION) as (session, found, person):
        prepare_correction(
            session,
            found.row,
            person_id=person,
            because=because,
            outcome=outcome,
            reasons=reasons,
            conditions=conditions or (),
            departure=departure,
            panel=panel_of(session, found.row),
        )


@decisions.command("release-correction")
def release_corrected(key: Round, token: Token) -> None:
    """Release a correction that another person prepared; what it replaces is kept."""
    with _deciding(key, token, Action.CONFIRM_DECISION) as (session, found, person):
        release_correction(session, found.row, person_id=person, collaboration=found.collaboration)


@contextmanager
def _deciding(key: str, token: str, action: Action) -> Iterator[tuple[Session, RoundAccess, str]]:
    """Yield a transaction, the round, and who decides; say afterwards how far the decision is."""
    with begin() as session:
        actor = actor_of(session, token)
        found = Allowed(ROUND, action)(session, actor, round_id=key)
        if actor.person_id is None:
            raise Denied("only_a_person")
        with followed(session, found.collaboration):
            yield session, found, actor.person_id
        typer.echo(decision_state(decision_of(session, found.row.id)) or "")
