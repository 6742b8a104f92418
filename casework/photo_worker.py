"""The web server's end of ``casework.photo_decoding``: hands photos to a worker process, and outlives whatever it does.

Each process of the server has at most ``WORKERS`` of them, started when the first photo comes.
"""

import atexit
import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from casework.errors import TooManyAttempts, mark
from casework.worker_process import WorkerProcess

WORKERS: Final = 2
MEMORY_BYTES: Final = 1024**3
SECONDS: Final = 10
WAIT_S: Final = 60.0  # for a free worker, when many photos come at once
MAX_PIXELS: Final = 50 * 1024 * 1024  # 50 MP as phones count them: 8192 x 6144
MAX_SIDE: Final = 16_384
SIZES: Final = (1600, 400)
_MAX_ANSWER: Final = 16 * 1024 * 1024

Decoded = tuple[dict[str, Any], list[bytes]]


class _Worker(WorkerProcess):
    """A worker that decodes photos."""

    def __init__(self, memory_bytes: int, seconds: int) -> None:
        super().__init__("casework.photo_decoding", (memory_bytes, seconds), {}, seconds * 1.5 + 5)

    def ask(self, job: dict[str, Any], content: bytes) -> Decoded:
        """Raises OSError or EOFError when the worker is gone or silent, ValueError when it talks nonsense."""
        self.send(json.dumps({**job, "length": len(content)}).encode() + b"\n", content)
        return _read_answer(self.inbox)


@dataclass(slots=True)
class Pool:
    """The workers of this process: idle ones wait here, at most ``workers`` work at once."""

    workers: int = WORKERS
    memory_bytes: int = MEMORY_BYTES
    seconds: int = SECONDS
    _idle: list[_Worker] = field(default_factory=list)
    _places: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Make the places."""
        self._places = threading.Semaphore(self.workers)

    def decode(
        self,
        content: bytes,
        max_pixels: int = MAX_PIXELS,
        max_side: int = MAX_SIDE,
        regions: Sequence[Sequence[float]] = (),
    ) -> Decoded:
        """The photo's facts and its copies in ``SIZES``; a photo that breaks its worker is a broken photo.

        ``regions`` (at most ``photo_mosaic.MOST``) are made unrecognisable in the copies. Raises TooManyAttempts when
        no worker becomes free in time.
        """
        job: dict[str, Any] = {"max_pixels": max_pixels, "max_side": max_side, "sizes": list(SIZES)}
        if regions:
            job["regions"] = [list(region) for region in regions]
        if not self._places.acquire(timeout=WAIT_S):
            raise TooManyAttempts(
                mark("Too many photos are being checked at once: try again in %(seconds)s seconds"),
                {"seconds": 30},
            )
        try:
            return self._asked(job, content)
        finally:
            self._places.release()

    def _asked(self, job: dict[str, Any], content: bytes) -> Decoded:
        for used_before in (True, False):
            worker = self._take(fresh=not used_before)
            begun = time.monotonic()
            try:
                answer = worker.ask(job, content)
            except TimeoutError:
                worker.end()
                return {"fault": "time"}, []
            except (OSError, EOFError, ValueError):
                worker.end()
                # An idle worker may have been ended from outside: a fresh one gets the photo once more.
                if used_before and time.monotonic() - begun < self.seconds:
                    continue
                return {"fault": "broken"}, []
            self._idle.append(worker)
            return answer
        raise AssertionError("unreachable")

    def _take(self, *, fresh: bool) -> _Worker:
        while self._idle and not fresh:
            worker = self._idle.pop()
            if worker.process.poll() is None:
                return worker
            worker.end()
        return _Worker(self.memory_bytes, self.seconds)

    def close(self) -> None:
        """End the idle workers."""
        while self._idle:
            self._idle.pop().end()


def _read_answer(inbox: BinaryIO) -> tuple[dict[str, Any], list[bytes]]:
    """Read one answer; raises EOFError when the worker is gone, ValueError when it makes no sense."""
    line = inbox.readline(65536)
    if not line.endswith(b"\n"):
        raise EOFError
    facts = json.loads(line)
    lengths = facts.pop("copies", [])
    if sum(lengths) > _MAX_ANSWER:
        raise ValueError("too much")
    copies = [inbox.read(length) for length in lengths]
    if [len(copy) for copy in copies] != lengths:
        raise EOFError
    return facts, copies


POOL: Final = Pool()
atexit.register(POOL.close)


def _forget_the_parents() -> None:
    """A forked server process starts its own workers: two must not speak through one socket."""
    POOL._idle.clear()
    POOL._places = threading.Semaphore(POOL.workers)


os.register_at_fork(after_in_child=_forget_the_parents)
