"""Each convention check finds a bad snippet and lets a good one pass."""

from collections.abc import Callable

import pytest

from tests.conventions import checks
from tests.conventions.sources import Source

Check = Callable[[Source], list[str]]

FAULTS: list[tuple[Check, str, str, int]] = [
    (checks.opens_with_docstring, "states/a.py", "x = 1\n", 1),
    (checks.opens_with_docstring, "states/a.py", '"""What lives here."""\nx = 1\n', 0),
    (checks.opens_with_docstring, "states/__init__.py", "", 0),
    (checks.stage_has_one_door, "states/review/service.py", "row.stage = 'bankable'\n", 1),
    (checks.stage_has_one_door, "states/review/service.py", "a, row.stage = 1, 'bankable'\n", 1),
    (checks.stage_has_one_door, "states/review/service.py", "row.stage += 'x'\n", 1),
    (checks.stage_has_one_door, "states/review/service.py", "setattr(row, 'stage', 'x')\n", 1),
    (checks.stage_has_one_door, "states/review/service.py", "update(Row).values(stage='x')\n", 1),
    (checks.stage_has_one_door, "states/seeds/load.py", "Collaboration(stage='x')\n", 1),
    (checks.stage_has_one_door, "states/review/service.py", "def f(self):\n    self.stage = 1\n", 1),
    (checks.stage_has_one_door, "states/errors.py", "def __init__(self):\n    self.stage = 1\n", 0),
    (checks.stage_has_one_door, "states/review/service.py", "stage = row.stage\n", 0),
    (checks.stage_has_one_door, "states/collaborations/service.py", "Collaboration(stage='x')\n", 0),
    (checks.stage_has_one_door, "states/lifecycle/move.py", "row.stage = 'bankable'\n", 0),
    (checks.tables_keep_annotations, "states/a/tables.py", "from __future__ import annotations\n", 1),
    (
        checks.tables_keep_annotations,
        "states/a/rows.py",
        "from __future__ import annotations\nclass Row(SQLModel, table=True): ...\n",
        1,
    ),
    (checks.tables_keep_annotations, "states/a/service.py", "from __future__ import annotations\n", 0),
    (checks.time_has_one_source, "flows/a.py", "datetime.now(UTC)\n", 1),
    (checks.time_has_one_source, "flows/a.py", "datetime.date.today()\n", 1),
    (checks.time_has_one_source, "flows/a.py", "datetime.datetime.utcnow()\n", 1),
    (checks.time_has_one_source, "flows/a.py", "clock.now()\nclock.today()\n", 0),
    (checks.time_has_one_source, "states/clock.py", "datetime.now(UTC)\n", 0),
    (checks.edges_commit, "states/review/service.py", "session.commit()\n", 1),
    (checks.edges_commit, "states/storage/engine.py", "session.commit()\n", 0),
    (checks.edges_commit, "states/review/service.py", "session.flush()\n", 0),
    (checks.asks_either_engine, "states/review/queries.py", "func.json_array_length(a)\n", 1),
    (checks.asks_either_engine, "api/a.py", "sqlalchemy.func.group_concat(a)\n", 1),
    (checks.asks_either_engine, "states/review/queries.py", "func.count()\nother.group_concat(a)\n", 0),
    (checks.asks_either_engine, "states/storage/reading.py", "func.json_array_length(a)\n", 0),
    (checks.catches_by_name, "api/a.py", "try: x\nexcept: y\n", 1),
    (checks.catches_by_name, "api/a.py", "try: x\nexcept Exception: y\n", 1),
    (checks.catches_by_name, "api/a.py", "try: x\nexcept (KeyError, BaseException): y\n", 1),
    (checks.catches_by_name, "api/a.py", "try: x\nexcept Exception:\n    y\n    raise\n", 0),
    (checks.catches_by_name, "api/a.py", "try: x\nexcept KeyError: y\n", 0),
    (checks.catches_by_name, "states/outbox/relay.py", "try: x\nexcept Exception: y\n", 0),
    (checks.names_no_machine, "README.md", "from files.python" + "hosted.org it comes", 1),
    (checks.names_no_machine, "README.md", "see /" + "work/bankable", 1),
    (checks.names_no_machine, "README.md", "see file:///" + "home/ada", 1),
    (checks.names_no_machine, "README.md", "a\n" + "<" * 7 + " ours\n", 1),
    (checks.names_no_machine, "README.md", "GET /api/work/areas and network/tmp/x\n=======\n", 0),
    (checks.lock_is_hashed, "a.lock", "one==1.0 \\\n    --hash=sha256:00\ntwo==2.0\n", 1),
    (checks.lock_is_hashed, "a.lock", "one>=1.0 \\\n    --hash=sha256:00\n", 1),
    (checks.lock_is_hashed, "a.lock", "one @ https://example.org/one.whl \\\n    --hash=sha256:00\n", 2),
    (checks.lock_is_hashed, "a.lock", "one==1.0 ; x < '3' \\\n    --hash=sha256:00\n", 0),
]


STATES = checks.StateColumns(
    tables={"state": frozenset({"Meeting", "Mail"}), "answer": frozenset({"Party"})},
    doors={"signed_at": frozenset({"states/protocol/signing.py"}), "state": frozenset({"states/review/rounds.py"})},
)


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("states/mail/a.py", "row.state = MailState.SENT\n", 1),
        ("states/mail/a.py", "row.state = other.state\n", 1),
        ("states/mail/a.py", "row.why, row.state = '', MailState.SENT\n", 1),
        ("states/mail/a.py", "row.state, row.why = both()\n", 1),
        ("states/mail/a.py", "row.state: MailState = MailState.SENT\n", 1),
        ("states/mail/a.py", "row.state += 'x'\n", 1),
        ("states/mail/a.py", "for row.state in MailState: pass\n", 1),
        ("api/a.py", "setattr(row, 'state', step(MAIL, row.state, DELIVER))\n", 1),
        ("flows/a.py", "Mail(state=MailState.WAITING)\n", 1),
        ("states/mail/a.py", "update(Mail).values(why='', state=MailState.SENT)\n", 1),
        ("states/mail/a.py", "party.answer = PartyAnswer.ACCEPTED\n", 1),
        ("api/a.py", "row.signed_at = now()\n", 1),
        ("states/mail/a.py", "row.state = step(MAIL, row.state, DELIVER)\n", 0),
        ("states/mail/a.py", "row.state, row.why = stepping.step(MAIL, row.state, DELIVER), ''\n", 0),
        ("states/mail/a.py", "Mail(state=begin(MAIL, ENTER))\nMailOut(state=row.state)\n", 0),
        ("states/mail/a.py", "update(Mail).values(state=stepped(col(Mail.state), DELIVER))\n", 0),
        ("states/protocol/signing.py", "row.signed_at = now()\n", 0),
        ("states/review/rounds.py", "row.state = RoundState.OPEN\n", 0),
        ("tests/a.py", "row.state = MailState.SENT\n", 0),
    ],
)
def test_a_state_that_takes_no_step_is_found(path: str, text: str, count: int) -> None:
    assert len(checks.states_take_steps(Source(path, text), STATES)) == count


def test_an_attribute_that_is_no_state_may_be_allowed() -> None:
    source = Source("states/a.py", "row.answer = answer.model_dump()\n")
    assert checks.states_take_steps(source, STATES, {("states/a.py", "answer")}) == []


@pytest.mark.parametrize(("check", "path", "text", "count"), FAULTS)
def test_check_finds_each_fault(check: Check, path: str, text: str, count: int) -> None:
    found = check(Source(path, text))

    assert len(found) == count


def test_a_fault_names_file_and_line() -> None:
    found = checks.edges_commit(Source("flows/relay.py", "x = 1\nsession.commit()\n"))

    assert found == ["flows/relay.py:2: commits outside states/storage"]


def test_an_incomplete_stage_package_is_found() -> None:
    files = set(checks.STAGE_FILES) - {"guards.py"}

    assert checks.stage_package_is_complete("review", files) == ["review: guards.py is missing"]
