"""Blocks handed to an existing dask.distributed cluster, whose workers keep the index."""

import importlib
import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from geo.assign_block import Answer, Task, answer, key_of, loaded
from geo.assign_rows import Block
from geo.assign_workers import ReadsHere, checked, in_flight
from geo.problems import UnreadableFile, shown

TIMEOUT_S = 15.0
"""So long a cluster may take to answer before it counts as not there."""


class Cluster(ReadsHere):
    """A cluster does the work; only the coordinates, which are quickly read, are read here."""

    def __init__(self, client: Any, address: str, data: bytes, threads: int) -> None:
        self._client, self._address, self._most = client, address, 2 * threads
        self._key = key_of(data)
        self._data = client.scatter(data, broadcast=True)

    def answers(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Answer]]:
        """The answers of every block, in order."""
        # The scheduler looks into what is submitted and need not have this program: bytes and plain Python pass.
        packed_task, work = pickle.dumps(task), _by_name()

        def submit(block: Block) -> Any:
            with _told(self._address):
                content = self._client.scatter(block.content, hash=False)
                return self._client.submit(work, packed_task, self._key, self._data, content, pure=False)

        for block, future in in_flight(submit, blocks, self._most):
            with _told(self._address):
                done = future.result()
            yield block, checked(done)


def on_worker(packed_task: bytes, key: str, data: bytes, content: Any) -> Answer:
    """`answer` where the index may be known from an earlier block."""
    task: Task = pickle.loads(packed_task)  # noqa: S301 - made by `Cluster.answers`
    return answer(task, loaded(key, data), content)


def _by_name() -> Callable[..., Any]:
    """`on_worker` as a function that any Python can be sent: it is imported where it runs."""

    def work(*words: Any) -> Any:
        from importlib import import_module

        return import_module("geo.assign_dask").on_worker(*words)

    return work


@contextmanager
def cluster(address: str, data: bytes) -> Iterator[Cluster]:
    """A cluster that runs at an address and is given these areas (packed).

    Raises `UnreadableFile` when dask.distributed is not installed, or nobody answers in `TIMEOUT_S`, or its workers
    do not have this program.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise UnreadableFile("no_dask") from error
    log = logging.getLogger("distributed")
    level = log.level
    log.setLevel(logging.CRITICAL)  # what goes wrong is said in our own words
    try:
        client = distributed.Client(address, timeout=TIMEOUT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        raise UnreadableFile("dask_silent", address=shown(address), detail=shown(error, 200)) from error
    try:
        with _told(address):
            ready = Cluster(client, address, data, _threads(client, address))
        yield ready
    finally:
        client.close(timeout=5)
        log.setLevel(level)


def _threads(client: Any, address: str) -> int:
    """How many threads the cluster has, when every worker can import what it is to do."""
    try:
        client.wait_for_workers(1, timeout=TIMEOUT_S)
    except TimeoutError as error:
        raise UnreadableFile("dask_no_worker", address=shown(address)) from error
    lacks = [lack for lack in client.run(_lack()).values() if lack]
    if lacks:
        raise UnreadableFile("dask_worker_lacks", address=shown(address), detail=shown(lacks[0], 200))
    return sum(client.nthreads().values())


def _lack() -> Callable[[], str]:
    """A function that says why `on_worker` cannot be imported where it runs; "" when it can."""

    def lack() -> str:
        from importlib import import_module

        try:
            import_module("geo.assign_dask")
        except ImportError as error:
            return str(error)
        return ""

    return lack


@contextmanager
def _told(address: str) -> Iterator[None]:
    """What a cluster may do wrong while it works, as a message."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    try:
        yield
    except ImportError as error:  # of a worker that came later
        raise UnreadableFile("dask_worker_lacks", address=shown(address), detail=shown(error, 200)) from error
    except (KilledWorker, CancelledError, CommClosedError, OSError) as error:
        raise UnreadableFile("dask_died", detail=shown(str(error) or type(error).__name__, 200)) from error
