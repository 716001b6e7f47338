"""What the mail ledger costs, beside a bare loop over one connection to the same server; nothing asserts a clock."""

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time

import pytest
from sqlmodel import select

from documents.mails.message import write
from documents.mails.values import values_of
from flows.delivery import deliver
from states.mail.sending import due_mail
from states.mail.tables import Mail, MailKind, MailState
from states.partners.tables import Person
from states.review.tables import Outcome
from states.settings import settings
from states.storage import begin, engine
from tests.bench.size import sized
from tests.flows.conftest import free_port
from tests.states.mail.conftest import Post, a_post

pytestmark = pytest.mark.bench

MAILS = sized(500, least=20)
VALUES = values_of(
    MailKind.DECISION, title="A shared centre", panel="IAG", outcome=Outcome.ENDORSE, link="https://bankable.example/x"
)


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a mail server in a process of its own that throws all away."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                smtplib.SMTP("127.0.0.1", port).quit()
                break
            except OSError:
                time.sleep(0.1)
        monkeypatch.setenv("BANKABLE_SMTP_URL", f"smtp://127.0.0.1:{port}")
        settings.cache_clear()
        yield port
        server.terminate()


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _enter(post: Post, prefix: str) -> None:
    with begin() as session:
        for number in range(MAILS):
            post.put(session, f"{prefix}{number}", kind=MailKind.DECISION, values=VALUES)


def test_delivery_beside_a_bare_loop_over_one_connection(installation: Path, sink: int) -> None:
    post = a_post()
    _enter(post, "warm")
    deliver.fn()
    entering = _seconds(lambda: _enter(post, "k"))
    with begin(read_only=True) as session:
        waiting = session.exec(select(Mail).where(Mail.state == MailState.WAITING)).all()
        due = [due_mail(row, session.get_one(Person, row.person_id)) for row in waiting]
    writing = _seconds(lambda: [write(one).as_bytes() for one in due])
    texts = [write(one).as_bytes() for one in due]

    def bare() -> None:
        with smtplib.SMTP("127.0.0.1", sink) as server:
            for text in texts:
                server.sendmail("bankable@localhost", ["reader@example.org"], text)

    _seconds(bare)
    loop = _seconds(bare)
    before = process_time()
    delivered = _seconds(deliver.fn)
    busy = process_time() - before
    again = _seconds(bare)

    with begin(read_only=True) as session:
        sent = session.exec(select(Mail).where(Mail.state == MailState.SENT)).all()
    assert len(sent) == 2 * MAILS
    base = (loop + again) / 2
    print(
        f"\n{engine().dialect.name}: {MAILS / delivered:,.0f} mails a second through deliver, "
        f"{MAILS / base:,.0f} by a bare loop: {delivered / base:.2f} times its time; "
        f"{busy / MAILS * 1e3:.1f} ms of this process for each; writing them takes {writing / delivered:.0%}, "
        f"entering them first took {entering / delivered:.0%} more"
    )
