"""Guides whose commands are executed, one block after the other, and whose answers are compared."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"```(bash|text)\n(.*?)```", re.DOTALL)
_END = "<<the end of this block>>"


@dataclass(frozen=True)
class Step:
    """A block of commands and what it prints, where the guide says so; else that is nothing."""

    commands: str
    answer: str


def steps(guide: Path) -> list[Step]:
    blocks = _BLOCK.findall(guide.read_text(encoding="utf-8"))
    following = [*blocks[1:], ("bash", "")]
    return [
        Step(text, after[1] if after[0] == "text" else "")
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

    def follow(self, step: Step) -> None:
        """Execute a block, and hold what it prints against what the guide says."""
        said = self.run(step.commands)
        assert said == step.answer, f"{step.commands}\nsays\n{said}\nand not\n{step.answer}"

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
