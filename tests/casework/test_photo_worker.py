"""The worker's process may break in any way: the pool lives, and so does the next photo."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from casework import photo_worker
from casework.errors import TooManyAttempts
from casework.photo_worker import Pool
from tests.factories.photos import photo


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(workers=2, seconds=5)
    yield made
    made.close()


def test_a_worker_is_used_again(pool: Pool) -> None:
    first, copies = pool.decode(photo())
    assert (first["media_type"], len(copies)) == ("image/jpeg", 2)
    [worker] = pool._idle
    assert pool.decode(photo("PNG"))[0]["media_type"] == "image/png"
    assert pool._idle == [worker]


def test_a_fault_leaves_the_worker_whole(pool: Pool) -> None:
    assert pool.decode(b"MZ") == ({"fault": "kind", "facts": []}, [])
    [worker] = pool._idle
    assert pool.decode(photo())[0]["width"] == 64
    assert pool._idle == [worker]


def test_a_worker_that_was_killed_is_replaced(pool: Pool) -> None:
    pool.decode(photo())
    os.kill(pool._idle[0].process.pid, signal.SIGKILL)
    assert pool.decode(photo())[0]["width"] == 64


def test_a_worker_that_stands_still_is_ended_in_time(pool: Pool) -> None:
    pool.decode(photo())
    [worker] = pool._idle
    worker.deadline_s = 0.2
    os.kill(worker.process.pid, signal.SIGSTOP)
    assert pool.decode(photo()) == ({"fault": "time"}, [])
    assert worker.process.returncode is not None
    assert pool.decode(photo())[0]["width"] == 64


def test_many_at_once_share_the_workers(pool: Pool) -> None:
    content = photo("WEBP")
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: pool.decode(content)[0]["media_type"], range(12)))
    assert answers == ["image/webp"] * 12
    assert len(pool._idle) <= 2


def test_who_waits_too_long_is_told_when_to_come_again(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_worker, "WAIT_S", 0.01)
    pool._places = threading.Semaphore(0)
    with pytest.raises(TooManyAttempts) as refused:
        pool.decode(photo())
    assert refused.value.params == {"seconds": 30}


def test_the_worker_gets_no_environment_of_ours(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    pool.decode(photo())
    if os.path.exists("/proc/self/environ"):  # noqa: PTH110 - a file that is no file
        with open(f"/proc/{pool._idle[0].process.pid}/environ", "rb") as file:  # noqa: PTH123
            assert b"secret" not in file.read()


def test_a_server_process_that_forks_does_not_share_its_workers() -> None:
    photo_worker.POOL.decode(photo())
    assert photo_worker.POOL._idle
    child = os.fork()
    if child == 0:
        os._exit(0 if not photo_worker.POOL._idle else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert photo_worker.POOL.decode(photo())[0]["width"] == 64
