"""A worker of which each process of the server has at most one: started when it is needed, given another try, ended."""

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from casework.worker_process import WorkerProcess

Answer = tuple[dict[str, Any], bytes]
W = TypeVar("W", bound=WorkerProcess)


class LoneWorker(Generic[W]):
    """Holds the worker of this process; who overrides ``_start`` says how one begins."""

    def __init__(self, memory_bytes: int, seconds: int) -> None:
        """Bound each job to so much memory, and to so many seconds of CPU."""
        self.memory_bytes = memory_bytes
        self.seconds = seconds
        self._worker: W | None = None
        self._turn = threading.Lock()

    def for_the_process(self) -> None:
        """End the worker with this process; a forked one starts its own: two must not speak through one socket."""
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget_the_parents)

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def _start(self) -> W:
        raise NotImplementedError

    @contextmanager
    def _in_turn(self, wait_s: float) -> Iterator[bool]:
        """Whether it became this thread's turn in time; it ends with the block."""
        taken = self._turn.acquire(timeout=wait_s)
        try:
            yield taken
        finally:
            if taken:
                self._turn.release()

    def _asked(self, ask: Callable[[W], Answer]) -> Answer:
        """What the worker says; ``fault`` is "time" when it was silent for too long, "broken" when it fell over."""
        for used_before in (True, False):
            begun = time.monotonic()
            worker = (self._alive() if used_before else None) or self._start()
            self._worker = worker
            try:
                return ask(worker)
            except TimeoutError:
                self.close()
                return {"fault": "time"}, b""
            except (OSError, EOFError, ValueError, KeyError):
                self.close()
                # An idle worker may have been ended from outside: a fresh one gets the job once more.
                if used_before and time.monotonic() - begun < self.seconds:
                    continue
                return {"fault": "broken"}, b""
        raise AssertionError("unreachable")

    def _alive(self) -> W | None:
        if self._worker is not None and self._worker.process.poll() is not None:
            self.close()
        return self._worker

    def _forget_the_parents(self) -> None:
        self._worker = None
        self._turn = threading.Lock()
