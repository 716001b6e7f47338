"""`bankable init` in a terminal: it asks, says why an answer will not do, and leaves nothing half-made."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
BANKABLE = Path(sys.executable).parent / "bankable"


@dataclass
class Terminal:
    """A command that runs in a pseudo-terminal of its own; `seen` is all that it has shown."""

    process: subprocess.Popen[bytes]
    screen: int
    seen: str = ""

    def expect(self, text: str) -> str:
        """Read until the text is on the screen; return what came before it since the last time."""
        start = len(self.seen)
        while text not in self.seen[start:]:
            try:
                read = os.read(self.screen, 4096)
            except OSError:  # the command has closed its terminal
                read = b""
            assert read, f"{text!r} never came: {self.seen[start:]}"
            self.seen += read.decode().replace("\r\n", "\n")
        end = self.seen.index(text, start) + len(text)
        shown, self.seen = self.seen[start:end], self.seen[:end]
        return shown

    def say(self, text: str) -> None:
        os.write(self.screen, f"{text}\n".encode())

    def end(self) -> int:
        """Read what is left, and return the exit code."""
        while True:
            try:
                read = os.read(self.screen, 4096)
            except OSError:
                break
            if not read:
                break
            self.seen += read.decode().replace("\r\n", "\n")
        return self.process.wait()


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for one in opened:
        os.close(one.screen)
        one.process.kill()
        one.process.wait()


def _as_from_a_shell() -> None:
    """Let Ctrl-C reach the command, whatever the test run is deaf to: what runs in the background is to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _open(terminals: list[Terminal], home: Path, *options: str) -> Terminal:
    screen, line = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANKABLE_")}
    process = subprocess.Popen(
        [BANKABLE, "init", *options],
        stdin=line,
        stdout=line,
        stderr=line,
        env=kept | {"BANKABLE_HOME": str(home), "COLUMNS": "200"},
        start_new_session=True,
        preexec_fn=_as_from_a_shell,
    )
    os.close(line)
    terminals.append(Terminal(process, screen))
    return terminals[-1]


def _partnerships(home: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANKABLE_")}
    return subprocess.run(
        [BANKABLE, "partnership", "list"],
        env=kept | {"BANKABLE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_wrong_answers_are_asked_again_with_their_reason(terminals: list[Terminal], tmp_path: Path) -> None:
    home = tmp_path / "home"
    terminal = _open(terminals, home)

    terminal.expect("Name of the partnership")
    terminal.say("")
    assert "give it" in terminal.expect("Name of the partnership")
    terminal.say("Timber regions")
    terminal.expect("Its regions")
    terminal.say("Piemonte; Atlantis")
    assert "Atlantis" in terminal.expect("Its regions")
    terminal.say("Piemonte; ITC1")
    assert "ITC1" in terminal.expect("Its regions")
    terminal.say("Piemonte; Upper Silesia")
    terminal.expect("Its working areas")
    terminal.say("Houses of wood; Bridges of wood")
    terminal.expect("coordinating cluster")
    terminal.say("Wood Cluster")
    terminal.expect("Where it is")
    terminal.say("Torino in the middle")
    assert "NUTS" in terminal.expect("Where it is")
    terminal.say("ITC11")
    terminal.expect("Your e-mail address")
    terminal.say("office at timber")
    assert "address" in terminal.expect("Your e-mail address")
    terminal.say("office@timber.example")

    assert terminal.end() == 0
    assert "Timber regions is there, as timber-regions." in terminal.seen
    assert _partnerships(home).startswith("timber-regions\t")

    again = _open(terminals, home)
    assert again.end() == 0
    assert "timber-regions" in again.seen
    assert "Nothing was changed." in again.seen


def test_an_interruption_leaves_nothing_half_made(terminals: list[Terminal], tmp_path: Path) -> None:
    home = tmp_path / "home"
    terminal = _open(terminals, home, "--name", "Timber", "--region", "ITC1")
    terminal.expect("Its working areas")
    terminal.say("Houses of wood")
    terminal.expect("coordinating cluster")
    os.write(terminal.screen, b"\x03")

    assert terminal.end() != 0
    assert "no partnership was founded" in terminal.seen
    assert "Traceback" not in terminal.seen
    assert _partnerships(home) == ""

    options = ("--name", "Timber", "--region", "ITC1", "--area", "Houses", "--cluster", "")
    again = _open(terminals, home, *options, "--manager", "office@timber.example")
    assert again.end() == 0
    assert _partnerships(home).startswith("timber\t")
