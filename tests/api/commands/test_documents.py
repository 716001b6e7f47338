"""The commands `bankable documents ...` and `verify`."""

from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from api.cli import app
from documents.printing import printing
from states.archive.service import Rendered, record_document
from states.archive.shares.service import open_share
from states.archive.shares.tables import Opened
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.clock import now
from states.outbox.queries import message_by_id
from states.outbox.tables import OutboxMessage
from states.partners.tables import Partnership, PartnershipKind
from states.storage import begin, new_id
from tests.factories import PRINTING

pytestmark = [
    pytest.mark.usefixtures("installation"),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]

LETTER, PLAN = DocumentKind.DECISION_LETTER, DocumentKind.TABLE_PLAN
FIRST, SECOND = b"%PDF first /ID [<44136fa355b3678a1146ad16f7e8649e> <00>]", b"%PDF second"


def run(*arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.output.splitlines()


@pytest.fixture
def issued(installation: Path) -> tuple[str, str, str]:
    """A letter in two editions, the first as release 0.1.0 issued it, and a plan that an older template printed."""
    with begin() as session:
        row = Partnership(slug="optics", name="Optics", kind=PartnershipKind.TSSP, playbook="s3")
        session.add(row)
        session.flush()
        keys = []
        for kind, content in ((LETTER, FIRST), (LETTER, SECOND), (PLAN, b"%PDF plan")):
            keep_bytes(content)
            shown = Rendered(kind, DocumentClass.CONFIDENTIAL, "Test bed", kind.value, "{}", content, PRINTING)
            made = record_document(session, shown, partnership_id=row.id)
            if content is FIRST:
                made.template = made.fonts = made.renderer = ""
            keys.append(made.id)
    return keys[0], keys[1], keys[2]


def asked_for() -> list[str]:
    with begin(read_only=True) as session:
        rows = session.exec(select(OutboxMessage).where(OutboxMessage.name == "document.requested"))
        return [row.payload["document_id"] for row in rows]


def test_the_list_says_what_was_replaced_and_why(issued: tuple[str, str, str]) -> None:
    first, second, plan = issued
    day = f"{now():%Y-%m-%d}"
    why = f"replaced by edition 2 ({second}): its template is unknown (0.1.0)"
    replaced = f"{first}\tdecision-letter\t1\t{day}\tTest bed\t{why}\ten"
    current = f"{second}\tdecision-letter\t2\t{day}\tTest bed\tcurrent\ten"

    assert run("documents", "list") == (0, [replaced, current, f"{plan}\ttable-plan\t1\t{day}\tTest bed\tcurrent\ten"])
    assert run("documents", "list", "--replaced") == (0, [replaced])
    assert run("documents", "list", "--kind", LETTER.value, "--current", "--partnership", "optics") == (0, [current])
    code, said = run("documents", "show", first)
    assert (code, said[2:]) == (0, ["template unknown (0.1.0)", replaced, current])
    assert f"renderer {PRINTING.renderer}" in run("documents", "show", second)[1]


def test_a_document_is_asked_for_in_another_language(issued: tuple[str, str, str]) -> None:
    code, said = run("documents", "translate", issued[2], "--language", "fr")

    assert (code, said[0].split("\t")[1]) == (0, "fr")
    with begin(read_only=True) as session:
        message = message_by_id(session, said[0].split("\t")[0])
        assert (message.payload["kind"], message.payload["language"]) == (PLAN.value, "fr")
    assert run("documents", "translate", issued[2], "--language", "xx")[0] == 2
    assert run("partnership", "edit", "optics", "--language", "pl") == (0, ["It is changed."])
    assert run("partnership", "edit", "optics", "--language", "xx")[0] == 2


def test_a_new_edition_is_asked_for_one_by_one_or_by_kind(issued: tuple[str, str, str]) -> None:
    first, second, plan = issued

    code, said = run("documents", "reissue", "--kind", PLAN.value, "--dry-run")
    changed = "its template changed, the fonts changed, the renderer changed"
    assert (code, said[0].split("\t")[0::5], said[1], asked_for()) == (
        0,
        [plan, changed],
        "1 would be printed again.",
        [],
    )
    assert run("documents", "reissue", "--kind", PLAN.value)[1][-1] == "1 will be printed again."
    assert run("documents", "reissue", second)[1][-1] == "1 will be printed again."
    assert asked_for() == [plan, second]
    assert run("documents", "reissue", "--kind", PLAN.value)[1] == ["0 will be printed again."]
    assert run("documents", "reissue", first) == (
        2,
        ["Edition 2 has replaced this document: ask for a new edition of that one."],
    )
    assert run("documents", "reissue") == (2, ["document: Name one document by its id, or a kind by --kind."])


def test_what_this_release_has_printed_is_not_printed_again(issued: tuple[str, str, str]) -> None:
    with begin() as session:
        row, today = session.get_one(IssuedDocument, issued[2]), printing(PLAN)
        row.template, row.fonts, row.renderer = today.template, today.fonts, today.renderer

    code, said = run("documents", "reissue", issued[2])
    assert (code, said[0].partition(":")[0]) == (
        2,
        "Edition 1 was printed by the template, fonts and renderer of today",
    )


def test_damaged_and_missing_files_are_found_and_asked_for_once(
    issued: tuple[str, str, str], installation: Path
) -> None:
    first, _, plan = issued
    with begin(read_only=True) as session:
        digests = [session.get_one(IssuedDocument, key).sha256 for key in (first, plan)]
    files = [installation / "store" / digest[:2] / digest for digest in digests]
    files[0].write_bytes(b"%PDF damaged")
    files[1].unlink()
    (files[0].parent / f"{digests[0]}.{new_id()}").write_bytes(b"%P")

    code, said = run("documents", "heal", "--dry-run")
    assert (code, [line.split("\t")[0::5] for line in said[:-1]], said[-1]) == (
        0,
        [[first, "damaged"], [plan, "missing"]],
        "2 would be printed again.",
    )
    assert asked_for() == []
    assert run("documents", "heal")[1][-1].startswith("2 will be printed again, 0 were asked for already; 0 partial")
    assert run("documents", "heal")[1][-1].startswith("0 will be printed again, 2 were asked for already")
    assert sorted(asked_for()) == sorted([first, plan])


def test_a_paper_is_shared_counted_and_ended(issued: tuple[str, str, str]) -> None:
    *_, plan = issued
    with begin() as session:
        session.get_one(IssuedDocument, plan).kind = DocumentKind.PROPOSAL

    code, [made] = run("documents", "share", plan, "--for", "Banca Alpina", "--days", "10")
    key, _, link = made.split("\t")
    assert (code, "/links/share/" in link) == (0, True)
    with begin() as session:
        open_share(session, link.rpartition("/")[2], Opened.LOOKED)
    [listed] = run("documents", "shares", plan)[1]
    assert listed.split("\t")[1::2] == ["Banca Alpina", "1"]
    assert run("documents", "unshare", key) == (0, ["Ended."])
    assert run("documents", "shares", plan)[1][0].endswith("\tended")


def test_a_file_is_told_from_an_altered_copy_and_from_a_strangers(issued: tuple[str, str, str], tmp_path: Path) -> None:
    first, second, _ = issued
    file = tmp_path / "received.pdf"

    file.write_bytes(FIRST)
    code, said = run("verify", str(file))
    assert (code, said[0], said[1]) == (3, f"{file}: unaltered.", "decision-letter of Optics: Test bed")
    assert said[2].startswith(f"document {first}, edition 1, issued ")
    assert said[3:] == [
        "template unknown (0.1.0)",
        f"replaced by edition 2 ({second}): its template is unknown (0.1.0)",
    ]
    file.write_bytes(SECOND)
    assert run("verify", str(file))[0] == 0
    file.write_bytes(FIRST + b"\n")
    code, said = run("verify", str(file))
    assert (code, said[0]) == (4, f"{file}: EXTENDED: it begins as it was issued, and somebody has added to it.")
    file.write_bytes(b"%PDF " + FIRST)
    code, said = run("verify", str(file))
    assert (code, said[0]) == (4, f"{file}: ALTERED: its bytes are not those that were issued.")
    file.write_bytes(b"%PDF of another house")
    assert run("verify", str(file)) == (
        5,
        [f"{file}: unknown. No document was issued here with these bytes, or with its code or identifier."],
    )
