"""Project managers are told once of what did not arrive, in one mail at a time."""

from sqlmodel import select

from states.mail.escalation import Undelivered, take_untold, tell
from states.mail.queries import NEWEST_FIRST, MailWanted, mails
from states.mail.resolving import resolve
from states.mail.sending import Result
from states.mail.tables import Mail, MailKind
from states.partners.tables import RoleGrant
from states.storage import begin
from tests.states.mail.conftest import Post


def take() -> list[Undelivered]:
    with begin() as session:
        return take_untold(session)


def test_the_oldest_is_named_and_the_others_are_counted_once(post: Post) -> None:
    post.enter("first")
    first = post.hand_over(Result.REFUSED, "550 no such mailbox")
    post.enter("second")
    post.hand_over(Result.UNCLEAR, "no answer")
    post.enter("third")
    post.hand_over(Result.SENT)

    (told,) = take()

    assert (told.manager.id, told.mail_id, told.recipient, told.reason, told.others) == (
        post.manager_id,
        first,
        "Reader",
        "550 no such mailbox",
        1,
    )
    assert take() == []


def test_of_an_uncertain_mail_there_is_no_reason(post: Post) -> None:
    post.enter()
    post.hand_over(Result.UNCLEAR, "no answer")

    (told,) = take()

    assert (told.reason, told.others) == ("", 0)


def test_telling_enters_a_mail_and_nobody_is_told_of_that_one(post: Post) -> None:
    post.enter()
    post.hand_over(Result.REFUSED)
    (told,) = take()

    with begin() as session:
        tell(session, told, values={"a": "b"})
    post.hand_over(Result.REFUSED)

    with begin(read_only=True) as session:
        wanted = MailWanted(kind=MailKind.UNDELIVERED, person_id=post.manager_id)
        assert len(session.exec(mails(wanted)).all()) == 1
    assert take() == []


def test_what_fails_again_after_it_was_sent_again_is_told_again(post: Post) -> None:
    (key,) = post.enter()
    post.hand_over(Result.REFUSED)
    take()
    with begin() as session:
        resolve(session, key, delivered=False, by=post.manager_id)
    post.hand_over(Result.REFUSED)

    assert [told.mail_id for told in take()] == [key]


def test_without_a_manager_it_waits_for_one(post: Post) -> None:
    post.enter()
    post.hand_over(Result.REFUSED)
    with begin() as session:
        grant = session.exec(select(RoleGrant)).one()
        grant.person_id = post.reader_id
        grant.until = grant.since
    assert take() == []

    with begin() as session:
        session.exec(select(RoleGrant)).one().until = None
    assert [told.manager.id for told in take()] == [post.reader_id]


def test_mails_are_found_by_what_is_asked_for(post: Post) -> None:
    post.enter("sent")
    sent = post.hand_over(Result.SENT)
    (other,) = post.enter("other", kind=MailKind.DECISION, person_id=post.manager_id)

    def found(**wanted: object) -> list[str]:
        with begin(read_only=True) as session:
            query = mails(MailWanted(**wanted)).order_by(*NEWEST_FIRST)  # type: ignore[arg-type]
            return [row.id for row, _ in session.exec(query)]

    assert sorted(found()) == sorted([sent, other])
    assert found(kind=MailKind.DECISION) == found(person_id=post.manager_id) == [other]
    assert found(partnership_id="another") == []
    with begin(read_only=True) as session:
        assert [row.id for row in session.exec(select(Mail).where(Mail.kind == MailKind.INVITATION))] == [sent]
