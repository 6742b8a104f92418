"""Map files are read by a worker process with bounds, which may fall over without taking anybody along.

Each process of the server has at most one worker, started when the first file comes; ``casework.file_reading`` is it.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from casework import file_answers
from casework.errors import Refused, TooManyAttempts, mark
from casework.file_reading import ENVIRONMENT, MAX_ANSWER
from casework.lone_worker import LoneWorker
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
        """What the worker says, and the shapes. Raises as ``WorkerProcess.answer``."""
        self.send(json.dumps(job).encode() + b"\n")
        return self.answer(MAX_ANSWER, MAX_ANSWER, lambda facts: int(facts["wkb_bytes"]))


class Reader(LoneWorker[_Worker]):
    """The worker of this process; one file is read at a time."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES, seconds: int = SECONDS) -> None:
        super().__init__(memory_bytes, seconds)

    def _start(self) -> _Worker:
        return _Worker(self.memory_bytes, self.seconds)

    def inspect(
        self, path: Path, answers: Answers, near: Bounds | None, scratch: Path | None = None
    ) -> Inspection:
        """What ``geo.inspection.inspect`` says of a file or folder, found out elsewhere.

        ``scratch`` is a folder in which what is unpacked may lie for the while. Raises Refused for a file that breaks
        the bounds or the worker, TooManyAttempts when others' files take too long.
        """
        with self._in_turn(WAIT_S) as is_ours:
            if not is_ours:
                raise TooManyAttempts(
                    mark("Another file is being read: try again in %(seconds)s seconds"), {"seconds": 30}
                )
            with tempfile.TemporaryDirectory(prefix="reading-", dir=scratch) as folder:
                job = {
                    "path": str(path.absolute()), "answers": asdict(answers), "near": near, "scratch": folder,
                    "limit_bytes": FILE_BYTES,
                }  # fmt: skip
                facts, shapes = self._asked(lambda worker: worker.ask(job))
        if "fault" in facts:
            raise self._refused(str(facts["fault"]))
        try:
            return file_answers.unpacked(facts, shapes)
        except (ValueError, KeyError, TypeError) as error:
            raise self._refused("broken") from error

    def _refused(self, word: str) -> Refused:
        params = {"seconds": self.seconds, "mb": self.memory_bytes >> 20}
        return Refused(_FAULTS.get(word, _FAULTS["broken"]), params, field="file")


READER: Final = Reader()
READER.for_the_process()
