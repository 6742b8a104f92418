"""The web server's end of a worker: a process that does what may break it, and the socket to it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

from settings import ROOT


class WorkerProcess:
    """`python -m module FD arguments`, FD being the worker's end of ``socket``; ``inbox`` reads what it answers.

    Nothing of ours goes along: no other file, no environment that could hold a password, only ``environment``.
    """

    def __init__(
        self, module: str, arguments: Sequence[int], environment: Mapping[str, str], deadline_s: float
    ) -> None:
        """Start it. A job that is not answered within ``deadline_s`` raises TimeoutError."""
        self.deadline_s = deadline_s
        self.socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", module, str(theirs.fileno()), *map(str, arguments)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),), start_new_session=True,
                env={
                    "PATH": os.defpath, "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1",
                    **environment,
                },
            )  # fmt: skip
        self.inbox: BinaryIO = self.socket.makefile("rb")

    def send(self, *parts: bytes) -> None:
        """Send a job. The deadline holds for what is sent and for each read of the answer."""
        self.socket.settimeout(self.deadline_s)
        for part in parts:
            self.socket.sendall(part)

    def answer(
        self, most_line: int, most_body: int, length_of: Callable[[dict[str, Any]], int]
    ) -> tuple[dict[str, Any], bytes]:
        """One answer: a line of JSON, and the bytes after it, whose number ``length_of`` finds in the line.

        Raises OSError or EOFError when the worker is gone or silent, ValueError or KeyError when it talks nonsense.
        """
        line = self.inbox.readline(most_line)
        if not line.endswith(b"\n"):
            raise EOFError
        facts: dict[str, Any] = json.loads(line)
        length = length_of(facts)
        if not 0 <= length <= most_body:
            raise ValueError("too much")
        body = self.inbox.read(length)
        if len(body) != length:
            raise EOFError
        return facts, body

    def end(self) -> None:
        """End the process, with a child that still works."""
        self.inbox.close()
        self.socket.close()
        try:
            os.killpg(self.process.pid, 9)
        except (ProcessLookupError, PermissionError):
            self.process.kill()
        self.process.wait()
