"""The commands `bankable questions`: ask, list, answer, ask on, close and withdraw what is asked on a case."""

from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.collaborations.queries import collaboration_by_id
from states.crossings.questions import asking
from states.crossings.questions.asking import Asked, Asking
from states.crossings.questions.case_file import CaseQuestion, questions_of_case
from states.partners.addresses import address_key
from states.partners.queries import find_grants
from states.questions.queries import answer_numbered, find_questions, found_by, is_overdue, question_by_id
from states.questions.tables import Audience, QuestionState, QuestionSubject
from states.rights.access import Actor, Role
from states.search.words import read_words
from states.storage import begin

questions = typer.Typer(
    help="Ask, answer, ask on, close and withdraw questions on a case, or list them.", no_args_is_help=True
)

Key = Annotated[str, typer.Argument(metavar="QUESTION", help="its id, as in the list")]
Words = Annotated[str, typer.Argument(metavar="TEXT", help="in words")]
Day = Annotated[datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], help="the last day")]


@questions.command("ask")
def ask(
    partnership: Partnership,
    slug: Slug,
    text: Words,
    person: Annotated[str, typer.Option(help="e-mail address of who is asked")] = "",
    organisation: Annotated[str, typer.Option(help="or short name of a partner: all who speak for it")] = "",
    role: Annotated[Role | None, typer.Option(help="or an office")] = None,
    subject: Annotated[QuestionSubject, typer.Option(help="what it is about")] = QuestionSubject.COLLABORATION,
    subject_name: Annotated[str, typer.Option(help="short name, key or id of that")] = "",
    audience: Annotated[Audience | None, typer.Option(help="who reads it")] = None,
    due: Day = None,
) -> None:
    """Ask somebody something on a case, in the office's name, and print the question's id."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        to = Asked(_person(session, row.partnership_id, person), organisation, role)
        day = due.date() if due else None
        wanted = Asking(text, to, subject, subject_name, audience=audience, due_on=day)
        made = asking.ask(session, row, wanted, actor=_office(row.partnership_id))
        typer.echo(f"{made.id}\t{made.due_on.isoformat()}")


@questions.command("list")
def list_questions(
    partnership: Partnership,
    slug: Slug,
    state: Annotated[QuestionState | None, typer.Option(help="in this state alone")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="those alone that should have been answered")] = False,
    words: Annotated[str | None, typer.Option("--q", help="with these words in question or answers")] = None,
) -> None:
    """List questions, one a line with tabs between: id, state, last day, by and to whom, about what, text, answers."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, slug)
        looked_for = [] if words is None else [found_by(read_words(words), blind=False)]
        looked_for += [is_overdue()] if overdue else []
        states = None if state is None else {state}
        query = find_questions(row.partnership_id, *looked_for, collaboration_ids=[row.id], states=states)
        wanted = {one.id for one in session.exec(query)}
        for one in questions_of_case(session, row):
            if one.id in wanted:
                typer.echo("\t".join(_line(one)))


@questions.command("show")
def show(key: Key) -> None:
    """Print a question with all that was answered."""
    with begin(read_only=True) as session:
        row = question_by_id(session, key)
        case = collaboration_by_id(session, row.collaboration_id)
        one = next(one for one in questions_of_case(session, case) if one.id == key)
        typer.echo("\t".join(_line(one)))
        for written in one.answers:
            said = written.text if written.withdrawn_at is None else "(withdrawn)"
            typer.echo("\t".join((str(written.number), written.written_at.isoformat(), written.by, said)))


@questions.command("answer")
def answer(key: Key, text: Words) -> None:
    """Answer a question in the office's name."""
    with begin() as session:
        row = question_by_id(session, key)
        made = asking.answer(session, row, text, actor=_office(row.partnership_id))
        typer.echo(f"{row.id}\t{made.number}")


@questions.command("ask-on")
def ask_on(key: Key, text: Words, due: Day = None) -> None:
    """Ask on where a question was answered or closed: it waits again."""
    with begin() as session:
        row = question_by_id(session, key)
        day = due.date() if due else None
        asking.ask_on(session, row, text, due_on=day, actor=_office(row.partnership_id))
        typer.echo(f"{row.id}\t{row.state.value}\t{row.due_on.isoformat()}")


@questions.command("change")
def change(
    key: Key,
    due: Day = None,
    person: Annotated[str, typer.Option(help="e-mail address of who is asked now")] = "",
    organisation: Annotated[str, typer.Option(help="or short name of a partner")] = "",
    role: Annotated[Role | None, typer.Option(help="or an office")] = None,
) -> None:
    """Give a question another day, or put it to somebody else."""
    with begin() as session:
        row = question_by_id(session, key)
        to = Asked(_person(session, row.partnership_id, person), organisation, role)
        day = due.date() if due else None
        asking.change(session, row, due_on=day, to=None if to == Asked() else to, actor=_office(row.partnership_id))
        typer.echo(f"{row.id}\t{row.state.value}\t{row.due_on.isoformat()}")


@questions.command("close")
def close(key: Key) -> None:
    """Close a question."""
    with begin() as session:
        row = question_by_id(session, key)
        asking.close(session, row, actor=_office(row.partnership_id))
    typer.echo("It is closed.")


@questions.command("withdraw")
def withdraw(key: Key) -> None:
    """Withdraw a question that nobody has answered."""
    with begin() as session:
        row = question_by_id(session, key)
        asking.withdraw(session, row, actor=_office(row.partnership_id))
    typer.echo("It is withdrawn.")


@questions.command("withdraw-answer")
def withdraw_answer(
    key: Key, number: Annotated[int, typer.Argument(help="of the answer, as `show` prints it")]
) -> None:
    """Withdraw an answer; a question without another one waits again."""
    with begin() as session:
        row = question_by_id(session, key)
        written = answer_numbered(session, row, number)
        asking.withdraw_answer(session, row, written, actor=_office(row.partnership_id))
    typer.echo("It is withdrawn.")


def _office(partnership_id: str) -> Actor:
    return Actor(Role.ADMINISTRATOR, partnership_id)


def _person(session: Session, partnership_id: str, email: str) -> str:
    """Return the id of who has this address; the address itself where nobody has, which is refused by name."""
    if not email:
        return ""
    found = session.exec(find_grants(partnership_id, email=address_key(email))).first()
    return email if found is None else found[1].id


def _line(one: CaseQuestion) -> tuple[str, ...]:
    said = (one.id, one.state.value, one.due_on.isoformat(), one.asked_by, one.put_to, one.about, one.text)
    return (*said, str(sum(written.withdrawn_at is None for written in one.answers)))
