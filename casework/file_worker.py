"""Map files are read by a worker process with bounds, which may fall over without taking anybody along.

Each process of the server has at most one worker, started when the first file comes; ``casework.file_reading`` is it.
"""

import atexit
import json
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from casework import file_answers
from casework.errors import Refused, TooManyAttempts, mark
from casework.file_reading import ENVIRONMENT, MAX_ANSWER
from casework.worker_process import WorkerProcess
from geo.crs_guess import Bounds
from geo.inspection import Answers, Inspection

MEMORY_BYTES: Final = 2 * 1024**3
SECONDS: Final = 60
FILE_BYTES: Final = 512_000_000
"""What a file may have, and what a zip may unpack to."""
WAIT_S: Final = 90.0

_FAULTS: Final = {
    "time": mark(
        "Reading this file took longer than %(seconds)s seconds: make it smaller, or leave out what is no area"
    ),
    "memory": mark("Reading this file needs more memory than %(mb)s MB: make it smaller, or leave out what is no area"),
    "broken": mark("This file cannot be read: it is damaged, or made to break programs"),
}  # fmt: skip


class _Worker(WorkerProcess):
    """A worker that reads map files."""

    def __init__(self, memory_bytes: int, seconds: int) -> None:
        kept = {name: os.environ[name] for name in ("BAOPIAN_HIDE_FIONA",) if name in os.environ}
        bounds = (memory_bytes, seconds, FILE_BYTES)
        super().__init__("casework.file_reading", bounds, {**kept, **ENVIRONMENT}, seconds * 1.5 + 20)

    def ask(self, job: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Raises OSError or EOFError when the worker is gone or silent, ValueError when it talks nonsense."""
        self.send(json.dumps(job).encode() + b"\n")
        line = self.inbox.readline(MAX_ANSWER)
        if not line.endswith(b"\n"):
            raise EOFError
        facts: dict[str, Any] = json.loads(line)
        length = int(facts["wkb_bytes"])
        if not 0 <= length <= MAX_ANSWER:
            raise ValueError("too much")
        shapes = self.inbox.read(length)
        if len(shapes) != length:
            raise EOFError
        return facts, shapes


@dataclass(slots=True)
class Reader:
    """The worker of this process; one file is read at a time."""

    memory_bytes: int = MEMORY_BYTES
    seconds: int = SECONDS
    _worker: _Worker | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def inspect(
        self, path: Path, answers: Answers, near: Bounds | None, scratch: Path | None = None
    ) -> Inspection:
        """What ``geo.inspection.inspect`` says of a file or folder, found out elsewhere.

        ``scratch`` is a folder in which what is unpacked may lie for the while. Raises Refused for a file that breaks
        the bounds or the worker, TooManyAttempts when others' files take too long.
        """
        if not self._turn.acquire(timeout=WAIT_S):
            raise TooManyAttempts(
                mark("Another file is being read: try again in %(seconds)s seconds"), {"seconds": 30}
            )
        try:
            with tempfile.TemporaryDirectory(prefix="reading-", dir=scratch) as folder:
                job = {
                    "path": str(path.absolute()), "answers": asdict(answers), "near": near, "scratch": folder,
                    "limit_bytes": FILE_BYTES,
                }  # fmt: skip
                facts, shapes = self._asked(job)
        finally:
            self._turn.release()
        if "fault" in facts:
            raise self._refused(str(facts["fault"]))
        try:
            return file_answers.unpacked(facts, shapes)
        except (ValueError, KeyError, TypeError) as error:
            raise self._refused("broken") from error

    def _refused(self, word: str) -> Refused:
        params = {"seconds": self.seconds, "mb": self.memory_bytes >> 20}
        return Refused(_FAULTS.get(word, _FAULTS["broken"]), params, field="file")

    def _asked(self, job: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        for used_before in (True, False):
            begun = time.monotonic()
            worker = self._alive() if used_before else None
            worker = worker or _Worker(self.memory_bytes, self.seconds)
            self._worker = worker
            try:
                return worker.ask(job)
            except TimeoutError:
                self.close()
                return {"fault": "time"}, b""
            except (OSError, EOFError, ValueError, KeyError):
                self.close()
                # An idle worker may have been ended from outside: a fresh one gets the file once more.
                if used_before and time.monotonic() - begun < self.seconds:
                    continue
                return {"fault": "broken"}, b""
        raise AssertionError("unreachable")

    def _alive(self) -> _Worker | None:
        if self._worker is not None and self._worker.process.poll() is not None:
            self.close()
        return self._worker

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None


READER: Final = Reader()
atexit.register(READER.close)


def _forget_the_parents() -> None:
    """A forked server process starts its own worker: two must not speak through one socket."""
    READER._worker = None
    READER._turn = threading.Lock()


os.register_at_fork(after_in_child=_forget_the_parents)
