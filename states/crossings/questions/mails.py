"""What people are told of questions: who is asked, with a link of their own; and who asked, of each answer."""

from collections.abc import Iterator

from sqlmodel import Session

from states.clock import today
from states.collaborations.blinding import blinding_over
from states.collaborations.queries import partners_ever_of
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkFor, LinkPurpose, make_link
from states.mail.addresses import address
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.partners.queries import Holder, holders
from states.partners.tables import Organisation
from states.questions.tables import Question, QuestionAnswer
from states.review.access import REVIEWERS
from states.rights.access import Role
from states.rights.blinding import Blinding
from states.texts import Text

_GRACE_DAYS = 30
"""How long a link still opens after the deadline: who is late may answer all the same."""


def tell_asked(session: Session, row: Collaboration, one: Question, *, more: str = "") -> None:
    """Write to everybody whom a question is put to; `more` is what is asked on."""
    days = max((one.due_on - today()).days, 0) + _GRACE_DAYS
    for held in _asked(session, one):
        hidden = _hidden(session, row, held.grant.role)
        wanted = LinkFor(row.partnership_id, held.person.id, LinkPurpose.QUESTION, one.id)
        link = make_link(session, wanted, days=days).partition(".")[0]
        enter_mail(
            session,
            MailKind.QUESTION,
            key=f"{MailKind.QUESTION.value}:{link}",
            person_id=held.person.id,
            partnership_id=row.partnership_id,
            values={
                "title": hidden.text(row.title),
                "about": hidden.text(one.about),
                "asked_by": hidden.text(side_of(session, one.asked_role, one.asked_organisation_id)),
                "question": hidden.text(more or one.text),
                "until": one.due_on.isoformat(),
                "link": address(f"links/question/{link}"),  # signed when the mail is sent
            },
            site=_site(session, one.to_organisation_id),
        )


def tell_asker(session: Session, row: Collaboration, one: Question, written: QuestionAnswer) -> None:
    """Write to who asked what was answered; whoever judges blind reads it behind the link, by label."""
    if one.asked_by is None or one.asked_by == written.written_by:
        return
    blind = one.asked_role in REVIEWERS
    hidden = _hidden(session, row, one.asked_role)
    enter_mail(
        session,
        MailKind.ANSWER,
        key=f"{MailKind.ANSWER.value}:{written.id}",
        person_id=one.asked_by,
        partnership_id=row.partnership_id,
        values={
            "title": hidden.text(row.title),
            "about": hidden.text(one.about),
            "question": hidden.text(one.text),
            "answered_by": "" if blind else side_of(session, written.role, written.organisation_id),
            "answer": "" if blind else written.text,
            "link": address(f"questions/{one.id}"),
        },
        site=_site(session, one.asked_organisation_id),
    )


def side_of(session: Session, role: Role, organisation_id: str | None) -> str:
    """Return in whose name somebody writes: an organisation's, or that of a role; no reviewer is ever named."""
    if organisation_id is not None and role is Role.PARTNER:
        return session.get_one(Organisation, organisation_id).name
    return str(Text("role", role.value))


def _hidden(session: Session, row: Collaboration, role: Role) -> Blinding:
    """Return what hides who is behind the case from somebody who may judge it blind."""
    if role not in REVIEWERS:
        return Blinding()
    return blinding_over(row, partners_ever_of(session, [row.id])[row.id])


def _asked(session: Session, one: Question) -> Iterator[Holder]:
    """Yield who is asked, each once."""
    known = set()
    for held in holders(session, one.partnership_id, one.to_role):
        organisation = one.to_organisation_id in (None, held.grant.organisation_id)
        if organisation and one.to_person_id in (None, held.person.id) and held.person.id not in known:
            known.add(held.person.id)
            yield held


def _site(session: Session, organisation_id: str | None) -> str:
    return session.get_one(Organisation, organisation_id).nuts if organisation_id is not None else ""
