"""The commands `bankable report`: draft a half-year's report, answer it, issue it by two hands, correct it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlmodel import Session

from api.commands.signed_in import Token
from states.archive.tables import DocumentClass
from states.credentials.tokens import actor_of
from states.crossings.reporting.drafting import correct, draft_with_directions, prepare, write_on
from states.errors import Denied, Missing
from states.partners.queries import person_labels
from states.partners.tables import Partnership
from states.reporting.definition import form
from states.reporting.issuing import issue_report, leave_as_issued
from states.reporting.period import Period
from states.reporting.queries import editions_of, report_on, reports_of
from states.reporting.service import answer as answer_question
from states.reporting.service import answer_goal, assess, explain, report_facts
from states.reporting.tables import ProgressReport
from states.rights.access import Action, Actor, Scope, require
from states.storage import begin

reports = typer.Typer(
    help="Draft a half-year's report, answer it, issue it by two hands, correct it.", no_args_is_help=True
)

Half = Annotated[str, typer.Argument(metavar="PERIOD", help="a half-year, such as 2026-H1")]
Question = Annotated[str, typer.Argument(help="number of a question, such as II.3; `show` lists them")]


@reports.command("list")
def list_reports(token: Token) -> None:
    """List the reports of one's partnership, the newest first: half-year, state, editions issued."""
    with begin(read_only=True) as session:
        actor = _acts(session, token, Action.READ_REPORT)
        for row in reports_of(session, actor.partnership_id):
            typer.echo(f"{row.period}\t{row.state}\t{len(editions_of(session, row.id))}")


@reports.command()
def show(period: Half, token: Token) -> None:
    """Say how far a report is: its state and hands, what it still wants, and each edition that was issued."""
    with begin(read_only=True) as session:
        actor = _acts(session, token, Action.READ_REPORT)
        row = _report(session, actor, period)
        facts = report_facts(row)
        typer.echo(f"{row.period}\t{row.state}\tversion {row.version}")
        if row.because is not None:
            typer.echo(f"it corrects\t{row.because}")
        for what, names in (("mandatory", facts.missing), ("no answer and no reason", facts.unexplained)):
            for name in names:
                typer.echo(f"{what}\t{name}")
        editions = editions_of(session, row.id)
        hands = (key for one in editions for key in (one.prepared_by, one.issued_by) if key)
        known = person_labels(session, set(hands))
        for one in editions:
            named = (known.get(key or "", "") for key in (one.prepared_by, one.issued_by))
            until = "in force" if one is editions[-1] else "replaced"
            typer.echo("\t".join((f"edition {one.number}", f"{one.issued_at:%Y-%m-%d}", until, *named)))


@reports.command()
def draft(period: Half, token: Token) -> None:
    """Draft the report on a half-year that has begun, or take the figures of a draft anew."""
    with begin() as session:
        actor = _acts(session, token, Action.EDIT_REPORT)
        partnership = session.get_one(Partnership, actor.partnership_id)
        row = draft_with_directions(session, partnership, period=Period.parse(period))
        typer.echo(f"{row.period}\t{row.state}")


@reports.command()
def answer(
    period: Half,
    question: Question,
    text: Annotated[str, typer.Argument(help="the answer; empty clears it")],
    token: Token,
    number: Annotated[int | None, typer.Option(min=0, help="where the question asks for one")] = None,
) -> None:
    """Answer a question, of the public part or of the self-assessment."""
    with _writing(period, token) as (session, row, _):
        found = form().find(question)
        if found is not None and found[0].readers is DocumentClass.CONFIDENTIAL:
            assess(session, row, question, text)
        else:
            answer_question(session, row, question, text, number=number)


@reports.command()
def goal(
    period: Half,
    number: Annotated[int, typer.Argument(help="1 to 17")],
    agreement: Annotated[str, typer.Argument(help="such as agree")],
    token: Token,
) -> None:
    """Say how far the partnership contributes to a Sustainable Development Goal."""
    with _writing(period, token) as (session, row, _):
        answer_goal(session, row, number, agreement)


@reports.command()
def reason(
    period: Half, question: Question, why: Annotated[str, typer.Argument(help="empty takes it back")], token: Token
) -> None:
    """Say why a question has no answer; the report shows it, with who said so."""
    with _writing(period, token) as (session, row, person):
        explain(session, row, question, why, person_id=person)


@reports.command("prepare")
def prepare_one(period: Half, token: Token) -> None:
    """Prepare a report for its issue by another person."""
    with _writing(period, token) as (session, row, person):
        prepare(session, row, person_id=person)


@reports.command("take-back")
def take_one_back(period: Half, token: Token) -> None:
    """Take a prepared report back, to go on writing."""
    with _writing(period, token) as (session, row, _):
        write_on(session, row)


@reports.command()
def issue(
    period: Half,
    token: Token,
    version: Annotated[int | None, typer.Option(help="that was read, as `show` prints it; of another none")] = None,
) -> None:
    """Issue what another person prepared."""
    with _writing(period, token) as (session, row, person):
        issue_report(session, row, person_id=person, expected_version=version)


@reports.command("correct")
def correct_one(
    period: Half, because: Annotated[str, typer.Option(help="what is wrong with the edition in force")], token: Token
) -> None:
    """Open an issued report anew; two others prepare and issue its next edition."""
    with _writing(period, token) as (session, row, _):
        correct(session, row, because=because)


@reports.command("leave")
def leave_one(period: Half, token: Token) -> None:
    """Give a correction up: the report is again what its last edition says."""
    with _writing(period, token) as (session, row, _):
        leave_as_issued(session, row)


def _acts(session: Session, token: str, action: Action) -> Actor:
    actor = actor_of(session, token)
    require(actor, action, Scope(actor.partnership_id))
    return actor


@contextmanager
def _writing(period: str, token: str) -> Iterator[tuple[Session, ProgressReport, str]]:
    """Yield a transaction, the report and who writes; say afterwards how far the report is."""
    with begin() as session:
        actor = _acts(session, token, Action.EDIT_REPORT)
        if actor.person_id is None:
            raise Denied("only_a_person")
        row = _report(session, actor, period)
        yield session, row, actor.person_id
        typer.echo(f"{row.period}\t{row.state}")


def _report(session: Session, actor: Actor, period: str) -> ProgressReport:
    row = report_on(session, actor.partnership_id, Period.parse(period))
    if row is None:
        raise Missing("report", period)
    return row
