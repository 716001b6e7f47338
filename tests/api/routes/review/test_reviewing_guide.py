"""The commands of docs/how-to/reviewing.md, executed one block after the other against a running server."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from documents.catalogue import PAPERS
from documents.render import render
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentKind
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.api.house import furnish
from tests.factories import PRINTING, a_collaboration_at
from tests.serving import server

GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "reviewing.md"
_BLOCK = re.compile(r"```(bash|text)\n(.*?)```", re.DOTALL)
_END = "<<the end of this block>>"


@dataclass(frozen=True)
class Step:
    """A block of commands and what it prints, where the guide says so."""

    commands: str
    answer: str | None


def steps() -> list[Step]:
    blocks = _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    following = [*blocks[1:], ("bash", "")]
    return [
        Step(text, after[1] if after[0] == "text" else None)
        for (kind, text), after in zip(blocks, following, strict=True)
        if kind == "bash"
    ]


class Shell:
    """One shell for all blocks, as a reader has one."""

    def __init__(self, folder: Path, address: str) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._address = address
        self._process = subprocess.Popen(
            ["bash", "-u"],
            cwd=folder,
            env={**os.environ, "PATH": path, "NO_PROXY": "127.0.0.1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, commands: str) -> str:
        """Return what a block prints."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(commands.replace("127.0.0.1:8400", self._address) + f"\necho '{_END}'\n")
        stdin.flush()
        said: list[str] = []
        while (line := stdout.readline()).strip() != _END:
            assert line, "the shell ended: " + "".join(said)
            said.append(line)
        return "".join(said)

    def close(self) -> None:
        self._process.communicate()


def _print_what_was_asked_for() -> None:
    """Print what the events ask for, as the runner does."""
    with begin() as session:
        wanted = select(OutboxMessage).where(OutboxMessage.name == "document.requested")
        for event in session.exec(wanted).all():
            kind, subject_id = DocumentKind(event.payload["kind"]), event.payload.get("subject_id")
            if kind is not DocumentKind.REVIEW_DOSSIER or subject_id is None:
                continue
            context = PAPERS[kind].gather(session, subject_id=subject_id)
            content = render(kind, context)
            assert keep_bytes(content) == sha256(content).hexdigest()
            document_class = PAPERS[kind].document_class
            rendered = Rendered(
                kind, document_class, context.meta.title, subject_id, context.model_dump_json(), content, PRINTING
            )
            record_document(
                session, rendered, partnership_id=event.partnership_id, collaboration_id=event.collaboration_id
            )


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the guide needs curl and jq")
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.long
def test_the_guide_is_true(installation: Path, tmp_path: Path) -> None:
    with begin() as session:
        world, _ = furnish(session)
        a_collaboration_at(world, "iag_review")

    with server(installation) as address:
        shell = Shell(tmp_path, address)
        said: list[tuple[str, str]] = []
        for step in steps():
            said.append((step.commands, shell.run(step.commands)))
            if "export ROUND=" in step.commands:
                _print_what_was_asked_for()
        shell.close()

    expected = [(step.commands, step.answer) for step in steps() if step.answer is not None]
    found = [(commands, text) for commands, text in said if commands in dict(expected)]
    assert found == expected
    silent = [text for commands, text in said if commands not in dict(expected)]
    assert silent == [""] * len(silent)
