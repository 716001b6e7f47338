"""Every mail as it reads, in every language: the files in snapshots/ are what people get.

After a change that is meant, `MAIL_SNAPSHOTS=write pytest tests/documents/mails/test_snapshots.py` writes them anew;
read the difference before it is committed.
"""

import os
from pathlib import Path

import pytest

from documents.mails.languages import LOCALES
from documents.mails.message import Rendered, render
from documents.mails.values import VALUES, values_of
from states.mail.tables import MailKind
from tests.documents.mails.samples import HOUSE, RECIPIENT, SAMPLES, ZONE

SNAPSHOTS = Path(__file__).parent / "snapshots"
EVERY = [pytest.param(kind, language, id=f"{kind}.{language}") for kind in MailKind for language in LOCALES]


def mails(kind: MailKind, language: str) -> list[Rendered]:
    return [
        render(
            kind,
            values_of(kind, **values),
            language=language,
            recipient=RECIPIENT,
            unsubscribe=f"{HOUSE}/api/v1/links/fewer" if kind in {MailKind.REMINDER, MailKind.DIGEST} else None,
            time_zone=ZONE,
        )
        for values in SAMPLES[kind]
    ]


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_mail_reads_as_it_was_looked_at(kind: MailKind, language: str, caplog: pytest.LogCaptureFixture) -> None:
    rendered = mails(kind, language)

    text = f"\n{'=' * 72}\n".join(f"Subject: {one.subject}\n\n{one.text}" for one in rendered)
    assert caplog.messages == []  # nothing is missing in the catalogue
    assert text == kept(f"{kind}.{language}.txt", text)
    assert rendered[0].html == kept(f"{kind}.{language}.html", rendered[0].html)


def test_nothing_else_is_kept() -> None:
    names = {f"{kind}.{language}.{medium}" for kind in MailKind for language in LOCALES for medium in ("txt", "html")}

    assert {path.name for path in SNAPSHOTS.iterdir()} == names
    assert set(VALUES) == set(SAMPLES) == set(MailKind)


def kept(name: str, now: str) -> str:
    path = SNAPSHOTS / name
    if os.environ.get("MAIL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    return path.read_text(encoding="utf-8") if path.exists() else ""
