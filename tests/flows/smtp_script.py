"""A mail server on loopback that keeps to a script: which answer comes to which step, and where it hangs up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

HANG_UP = "hang up"
DOT = "."
_ANSWERS = {"EHLO": "250 script", "DATA": "354 go on", "QUIT": "221 good bye"}


class Script:
    """What the server is to say; a step that is not in the script goes well.

    `answers` holds, by step ("RCPT", "." for the end of a text, "" for the greeting), what comes the next times: an
    answer, or HANG_UP. `before` is called with each step before it is answered.
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.before: Callable[[str], None] = lambda _: None
        self.messages: list[EmailMessage] = []
        self.steps: list[str] = []
        self.port = 0

    def answer_to(self, step: str) -> str:
        """Note a step and return its answer."""
        self.steps.append(step)
        self.before(step)
        waiting = self.answers.get(step)
        return waiting.pop(0) if waiting else _ANSWERS.get(step, "220 script" if step == "" else "250 OK")


@contextmanager
def scripted_server() -> Iterator[Script]:
    """Run a server on a free port until the end of the block."""
    script = Script()

    class Conversation(StreamRequestHandler):
        def handle(self) -> None:
            going = self._say(script.answer_to(""))
            while going and (line := self.rfile.readline()):
                step = line.decode().split()[0].upper()
                answer = script.answer_to(step)
                going = self._say(answer) and (not answer.startswith("354") or self._take_text())

        def _say(self, answer: str) -> bool:
            if answer == HANG_UP:
                return False
            self.wfile.write(f"{answer}\r\n".encode())
            return True

        def _take_text(self) -> bool:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                if not line:
                    return False
                lines.append(line[1:] if line.startswith(b".") else line)
            answer = script.answer_to(DOT)
            if answer.startswith("250") or answer == HANG_UP:  # it took the text, and says so or not
                script.messages.append(message_from_bytes(b"".join(lines), policy=default))
            return self._say(answer)

    class Server(ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Conversation) as server:
        script.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
