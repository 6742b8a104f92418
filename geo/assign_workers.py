"""Blocks done one after the other, here or by several processes, and answers in the order of the blocks."""

import multiprocessing
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from geo.assign_block import Answer, Areas, Task, answer, loaded, places
from geo.assign_rows import Block, Floats
from geo.problems import UnreadableFile

Places = tuple[Floats, Floats]


class Crew(Protocol):
    """Whoever does the work on blocks."""

    def places(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Places]]:
        """The coordinates of every block, in order. Raises `UnreadableFile`."""
        ...

    def answers(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Answer]]:
        """The answers of every block, in order. Raises `UnreadableFile`."""
        ...


class ReadsHere:
    """Coordinates are read by this process."""

    def places(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Places]]:
        """The coordinates of every block, in order."""
        for block in blocks:
            yield block, checked(places(task, block.content))


class Alone(ReadsHere):
    """This process does it all."""

    def __init__(self, areas: Areas) -> None:
        self._areas = areas

    def answers(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Answer]]:
        """The answers of every block, in order."""
        for block in blocks:
            yield block, checked(answer(task, self._areas, block.content))


class Processes:
    """Several processes of this machine, each with its own index; twice as many blocks are under way at most."""

    def __init__(self, pool: ProcessPoolExecutor, workers: int) -> None:
        self._pool, self._most = pool, 2 * workers

    def places(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Places]]:
        """The coordinates of every block, in order."""
        return self._done(places, task, blocks)

    def answers(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Answer]]:
        """The answers of every block, in order."""
        return self._done(_answer, task, blocks)

    def _done(self, work: Callable[..., Any], task: Task, blocks: Iterable[Block]) -> Iterator[Any]:
        def submit(block: Block) -> "Future[Any]":
            with _without_ctrl_c():  # the pool starts its processes here
                return self._pool.submit(work, task, block.content)

        try:
            for block, future in in_flight(submit, blocks, self._most):
                yield block, checked(future.result())
        except BrokenProcessPool as error:
            raise UnreadableFile("worker_died") from error


def in_flight(
    submit: Callable[[Block], Any], blocks: Iterable[Block], most: int
) -> Iterator[tuple[Block, Any]]:
    """Each block with what `submit` made of it, in order; `most` are submitted ahead, so that memory is bounded."""
    waiting: deque[tuple[Block, Any]] = deque()
    for block in blocks:
        waiting.append((Block(None, block.done), submit(block)))
        if len(waiting) >= most:
            yield waiting.popleft()
    while waiting:
        yield waiting.popleft()


def checked(made: Any) -> Any:
    """What was made of a block. Raises the `UnreadableFile` that is in it, which no process could have sent."""
    if isinstance(made, Answer) and made.refusal is not None:
        code, choices, params = made.refusal
        raise UnreadableFile(code, choices, **params)
    return made


@contextmanager
def processes(data: bytes, key: str, workers: int) -> Iterator[Processes]:
    """`workers` new processes that know these areas (packed); they end with the context."""
    with tempfile.TemporaryDirectory(prefix="baopian-") as folder:
        file = Path(folder) / "areas"
        file.write_bytes(data)
        pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), initializer=_started, initargs=(str(file), key)
        )
        try:
            yield Processes(pool, workers)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes started now never hear Ctrl-C, which a terminal sends to all: the first one ends the others."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_areas: Areas | None = None


def _started(path: str, key: str) -> None:
    global _areas
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
    _areas = loaded(key, Path(path).read_bytes())


def _answer(task: Task, content: Any) -> Answer:
    assert _areas is not None  # noqa: S101 - set when the process started
    return answer(task, _areas, content)
