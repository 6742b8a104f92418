"""Blocks handed to an existing dask.distributed cluster, whose workers keep the index."""

import importlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from geo.assign_block import Answer, Task, answer, key_of, loaded
from geo.assign_rows import Block
from geo.assign_workers import Alone, checked, in_flight
from geo.problems import UnreadableFile, shown

TIMEOUT_S = 15.0
"""So long a cluster may take to answer before it counts as not there."""


class Cluster(Alone):
    """A cluster does the work; only the coordinates, which are quickly read, are read here."""

    def __init__(self, client: Any, data: bytes, threads: int) -> None:
        self._client, self._most = client, 2 * threads
        self._key = key_of(data)
        self._data = client.scatter(data, broadcast=True)

    def answers(self, task: Task, blocks: Iterable[Block]) -> Iterator[tuple[Block, Answer]]:
        """The answers of every block, in order."""

        def submit(block: Block) -> Any:
            content = self._client.scatter(block.content, hash=False)
            return self._client.submit(on_worker, task, self._key, self._data, content, pure=False)

        with _told():
            for block, future in in_flight(submit, blocks, self._most):
                yield block, checked(future.result())


def on_worker(task: Task, key: str, data: bytes, content: Any) -> Answer:
    """`answer` where the index may be known from an earlier block."""
    return answer(task, loaded(key, data), content)


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
    try:
        client = distributed.Client(address, timeout=TIMEOUT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        raise UnreadableFile("dask_silent", address=shown(address), detail=shown(error, 200)) from error
    try:
        with _told():
            yield Cluster(client, data, _threads(client, address))
    finally:
        client.close(timeout=5)


def _threads(client: Any, address: str) -> int:
    """How many threads the cluster has, when every worker can import what it is to do."""
    try:
        client.wait_for_workers(1, timeout=TIMEOUT_S)
    except TimeoutError as error:
        raise UnreadableFile("dask_no_worker", address=shown(address)) from error
    try:
        client.run(can_work)
    except (ImportError, AttributeError) as error:
        raise UnreadableFile("dask_worker_lacks", address=shown(address), detail=shown(error, 200)) from error
    return sum(client.nthreads().values())


def can_work() -> bool:
    """Whether this could be imported at all."""
    return True


@contextmanager
def _told() -> Iterator[None]:
    """What a cluster may do wrong while it works, as a message."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except (KilledWorker, CancelledError, CommClosedError, TimeoutError) as error:
        raise UnreadableFile("dask_died", detail=shown(error or type(error).__name__, 200)) from error
