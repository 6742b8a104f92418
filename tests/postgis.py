"""A throwaway PostgreSQL server with PostGIS for the database tests.

PostgreSQL refuses to run as root: as root it is started as the account `postgres`. It lives in a temporary folder,
listens on loopback only, and does not wait for the disk, since nothing in it is kept.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

TEMPLATE = "baopian_template"
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c jit=off"
DURABLE = "-c jit=off"  # as it comes: what is committed is on disk


class NoPostgis(Exception):
    """This machine has no PostgreSQL with PostGIS that a test may start; the message says what is missing."""


@dataclass
class Postgis:
    """A running server. ``url`` names its maintenance database; ``control`` is what starts one of our own."""

    url: URL
    control: list[str] = field(default_factory=list)
    folder: Path | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def run(self, *statements: str, database: str | None = None) -> None:
        """Run statements outside a transaction, as CREATE DATABASE asks for."""
        url = self.url.set(database=database) if database else self.url
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    def kill(self) -> None:
        """Kill a server of our own with all its processes, as a power cut would."""
        if self.folder is None:
            raise NoPostgis("this PostgreSQL is not ours to kill")
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        processes = [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]
        for one in processes:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        while any(_is_alive(one) for one in processes):
            time.sleep(0.01)
        # Where nobody buries the dead (a container's first process), its number would count as running.
        (self.folder / "data" / "postmaster.pid").unlink()
        for left in self.folder.glob(".s.PGSQL.*"):
            left.unlink()

    def start(self) -> None:
        """Start a server of our own again."""
        if self.folder is None:
            raise NoPostgis("this PostgreSQL is not ours to start")
        _run(self.control, self.folder / "log")

    def make_template(self) -> None:
        """Make the empty database with PostGIS that every test's own one is copied from."""
        self.run(f"DROP DATABASE IF EXISTS {TEMPLATE}", f"CREATE DATABASE {TEMPLATE}")
        self.run("CREATE EXTENSION postgis", database=TEMPLATE)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new, empty database with PostGIS, as an SQLAlchemy address; dropped afterwards."""
        name = f"baopian_test_{os.getpid()}_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield self.url.set(database=name).render_as_string(hide_password=False)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _programs() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoPostgis("no PostgreSQL server here (Debian: apt install postgresql postgresql-15-postgis-3)")


def _as_postgres() -> list[str]:
    if os.geteuid() != 0:
        return []
    runuser = shutil.which("runuser")
    if runuser is None:
        raise NoPostgis("PostgreSQL does not run as root, and there is no runuser to change the account with")
    return [runuser, "-u", "postgres", "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: list[str], log: Path) -> None:
    # The server inherits the output of pg_ctl: a pipe would stay open as long as it runs.
    with log.open("ab") as output:
        done = subprocess.run(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd="/", check=False
        )
    if done.returncode:
        tail = log.read_text(errors="replace").splitlines()[-3:]
        raise NoPostgis(f"{Path(command[-1]).name or command}: {' / '.join(tail)}")


@contextmanager
def running(*, durable: bool = False) -> Iterator[Postgis]:
    """A server to test on: the one that POSTGIS_DSN names, or one of our own.

    ``durable`` asks for one that waits for the disk, so that it may be killed; that is always one of our own.
    Raises NoPostgis when there is neither.
    """
    named = os.environ.get("POSTGIS_DSN")
    if named and not durable:
        yield _ready(Postgis(make_url(named)))
        return
    programs, prefix = _programs(), _as_postgres()
    folder = Path(tempfile.mkdtemp(prefix="baopian-postgis-"))
    data, log = folder / "data", folder / "log"
    if prefix:
        shutil.chown(folder, "postgres", "postgres")
    port = _free_port()
    server = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {DURABLE if durable else QUICK}"
    control = [*prefix, str(programs / "pg_ctl"), "-D", str(data), "-w"]
    try:
        _run(
            [
                *prefix,
                str(programs / "initdb"),
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--no-locale",
                "-N",
                "-D",
                str(data),
            ],
            log,
        )
        start = [*control, "-o", server, "start"]
        _run(start, log)
        try:
            url = URL.create("postgresql+psycopg", "postgres", None, "127.0.0.1", port, "postgres")
            yield _ready(Postgis(url, start, folder))
        finally:
            with suppress(NoPostgis):
                _run([*control, "-m", "immediate", "stop"], log)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ready(server: Postgis) -> Postgis:
    try:
        server.make_template()
    except DBAPIError as error:
        raise NoPostgis(f"PostgreSQL here has no PostGIS: {error.orig}") from error
    return server
