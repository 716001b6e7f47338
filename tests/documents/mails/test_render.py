"""What holds for every mail: text and HTML say the same, nobody's words become markup, and faults are named."""

import logging
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from documents.mails.catalogues import template
from documents.mails.languages import LOCALES
from documents.mails.message import Rendered, render
from documents.mails.values import MailNotWritten
from states.mail.tables import MailKind
from tests.documents.mails.samples import HOUSE, RECIPIENT, SAMPLES, ZONE, Values

FEWER = f"{HOUSE}/api/v1/links/fewer"
ATTACK = '</p><script>alert(1)</script>{{ 7 * 7 }} %(title)s & "so on"'


class Reader(HTMLParser):
    """Reads a page as a person does: its words, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self._hidden = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._hidden = tag in {"style", "title"}
        self.links += [value for name, value in attributes if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def written(
    kind: MailKind, values: Values, language: str = "en", *, recipient: str = RECIPIENT, unsubscribe: str | None = None
) -> Rendered:
    return render(kind, values, language=language, recipient=recipient, unsubscribe=unsubscribe, time_zone=ZONE)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def words(parts: list[str]) -> Counter[str]:
    """Count words without what only one of the two ways to write needs: bullets, rules, colons, addresses."""
    bare = (part.rstrip(":").rstrip("\N{NO-BREAK SPACE}") for part in parts if "://" not in part)
    return Counter(part for part in bare if part and not re.fullmatch(r"-+|\d\.", part))


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("kind", MailKind)
def test_text_and_html_say_the_same(kind: MailKind, language: str) -> None:
    for values in SAMPLES[kind]:
        mail = written(kind, values, language, unsubscribe=FEWER)
        page = read(mail.html)

        assert words(page.words) == words(mail.text.split())
        assert set(page.links) == set(re.findall(r"https?://\S+", mail.text))
        assert f'<html lang="{language}" dir="ltr">' in mail.html


@pytest.mark.parametrize("kind", MailKind)
def test_what_people_wrote_stays_text(kind: MailKind) -> None:
    [plain, *_] = SAMPLES[kind]
    names = {"title", "event", "about", "subject", "partnership"} & set(plain)
    attacked = plain | dict.fromkeys(names, ATTACK)
    if "lines" in plain:
        attacked = plain | {"lines": [line | {"title": ATTACK} for line in plain["lines"]]}

    mail = written(kind, attacked, recipient=ATTACK)

    assert read(mail.html).tags == read(written(kind, plain).html).tags
    assert ATTACK in " ".join(mail.text.split())
    assert ATTACK in " ".join(read(mail.html).words)


def test_a_line_break_in_a_title_does_not_break_the_subject() -> None:
    values = SAMPLES[MailKind.DECISION][0] | {"title": "Implants\r\nBcc: everybody\u2028\u202efdp"}

    mail = written(MailKind.DECISION, values)

    assert mail.subject == "Decision: Implants Bcc: everybody fdp"


def test_every_sentence_of_the_templates_is_in_a_sample() -> None:
    mails = [
        written(kind, values, unsubscribe=fewer)
        for kind, samples in SAMPLES.items()
        for values in samples
        for fewer in (None, FEWER)
    ]
    seen = " ".join(f"{mail.subject} {mail.text}" for mail in mails)
    plain = " ".join(seen.split())

    sentences = [
        sentence
        for message in template()
        if any(path.startswith("templates/") for path, _ in message.locations)
        for sentence in ([message.id] if isinstance(message.id, str) else message.id)
    ]

    assert len(sentences) > 100
    assert [one for one in sentences if not re.search(re.sub(r"%\\\((\w+)\\\)[sd]", ".+", re.escape(one)), plain)] == []


def test_each_kind_has_one_button() -> None:
    for kind, samples in SAMPLES.items():
        for values in samples:
            assert written(kind, values).html.count('<a class="button"') == 1


def test_who_cannot_opt_out_is_not_offered_to() -> None:
    [first, *_] = SAMPLES[MailKind.REMINDER]
    legal = first | {"legal": True}

    assert FEWER in written(MailKind.REMINDER, first, unsubscribe=FEWER).text
    assert "cannot be switched off" not in written(MailKind.REMINDER, first, unsubscribe=FEWER).text
    assert FEWER not in written(MailKind.REMINDER, legal, unsubscribe=FEWER).text
    assert "its reminders cannot be switched off" in " ".join(written(MailKind.REMINDER, legal).text.split())
    assert "Stop mails" not in written(MailKind.REMINDER, first).text


def test_an_invitation_and_a_decision_say_no_more_than_their_values() -> None:
    with pytest.raises(MailNotWritten) as refused:
        written(MailKind.DECISION, SAMPLES[MailKind.DECISION][0] | {"scores": {"market": "4"}})

    assert refused.value.problems == ("scores: is not known here (leave it out, or mend its spelling)",)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": " \n"}, "title: is shorter than 1 character"),
        ({"link": "javascript:alert(1)"}, r"link: does not fit the pattern ^https?://[^\s<>\"]+$"),
        ({"due_time": "17:00"}, "reminder: due_time needs the time_zone in which it is meant"),
        (
            {"time_zone": "Europe/Lyon"},
            "time_zone: is no time zone; write one of the IANA data base, such as Europe/Brussels",
        ),
        ({"waits_for": "nobody"}, None),
    ],
)
def test_values_that_do_not_fit_are_named(changes: Values, problem: str | None) -> None:
    with pytest.raises(MailNotWritten) as refused:
        written(MailKind.REMINDER, SAMPLES[MailKind.REMINDER][0] | changes)

    [named] = refused.value.problems
    assert named.startswith("waits_for: is none of:") if problem is None else named == problem


def test_an_unknown_language_is_answered_in_english_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    [values, *_] = SAMPLES[MailKind.DECISION]

    with caplog.at_level(logging.WARNING):
        mail = written(MailKind.DECISION, values, "sv-SE")

    assert mail == written(MailKind.DECISION, values, "en-GB")
    assert caplog.messages == ["mails are not translated into sv-SE: English instead"]
