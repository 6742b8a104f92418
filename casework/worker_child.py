"""The worker's end: each job is done by a child with bounds from the kernel, so that what a bomb breaks is the child.

This module knows neither the database nor the settings.
"""

import contextlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use: memory beyond the worker's, seconds of CPU (half more by the clock), bytes a file."""

    memory_bytes: int
    seconds: int
    file_bytes: int


def done_in_child(
    work: Callable[[int], object], channel: socket.socket, bounds: Bounds, most: int
) -> tuple[bytes, int]:
    """What a child wrote, and 0; or nothing, and the signal that ended it (-1: it ended badly by itself).

    ``work`` writes to the pipe that it is given and exits with 0. An answer of more than ``most`` bytes ends the child.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            channel.close()
            os.close(reading)
            _bound(bounds)
            work(writing)
        os._exit(70)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read(most + 1)
    if len(answer) > most:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        return answer, 0
    return b"", os.WTERMSIG(status) if os.WIFSIGNALED(status) else -1


def _bound(bounds: Bounds) -> None:
    """Give this process its bounds; the kernel ends it when it passes one."""
    if sys.platform.startswith("linux"):  # others count differently, or do not count at all
        present = int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
        memory = present + bounds.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.file_bytes, bounds.file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, bounds.seconds * 1.5)
