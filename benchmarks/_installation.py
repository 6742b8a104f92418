"""A real installation for benchmarks: its server as a process group, and its database, both of which may be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from settings import ROOT

if TYPE_CHECKING:
    from tests.postgis import Postgis

START_S = 60.0


class Server:
    """`baopian serve` on an instance of its own, in a process group that can be killed at once."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.is_killed = False

    def start(self) -> None:
        """Start and wait until it answers."""
        self.is_killed = False
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), "serve", "--port", str(self.port), "--workers", "2"],
            env=self.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(self.url("/healthz"), timeout=2) as answer:  # noqa: S310
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """Kill it and all its workers, without a chance to finish anything."""
        if self.process is not None and self.process.poll() is None:
            self.is_killed = True
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"


@dataclass
class Cluster:
    """The database that the server uses (empty: SQLite); ours can be killed and started again."""

    url: str
    postgis: "Postgis | None" = None

    def kill(self) -> None:
        """Kill PostgreSQL and all its processes."""
        if self.postgis is not None:
            self.postgis.kill()

    def start(self) -> None:
        """Start it again; it recovers from its own log."""
        if self.postgis is not None:
            self.postgis.start()


@contextmanager
def database(name: str, *, durable: bool) -> Iterator[Cluster]:
    """The database that is asked for: sqlite, postgis (a cluster of its own) or an address."""
    if name == "sqlite":
        yield Cluster("")
    elif name == "postgis":
        from tests.postgis import running

        with running(durable=durable) as postgis, postgis.database() as url:
            yield Cluster(url, postgis)
    else:
        yield Cluster(name)


def baopian(environ: dict[str, str], *words: str) -> str:
    """Run a command and return what it printed; raises RuntimeError when it fails."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"baopian {' '.join(words)}: {done.stderr or done.stdout}")
    return done.stdout


def exit_of(environ: dict[str, str], *words: str) -> int:
    """Run a command and return its exit status."""
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], env=environ, capture_output=True, check=False
    ).returncode


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port
