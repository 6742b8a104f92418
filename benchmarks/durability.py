"""What was acknowledged has to be there after the server was killed: how often it is not.

`python -m benchmarks.durability --rounds N --reports M [--database sqlite|postgis|DSN]` starts the real server, lets
several clients send reports with photos, kills it (SIGKILL, the whole process group) in the middle, starts it again,
and asks for every report that was acknowledged: it must be there once, with its photo byte for byte, and
`baopian verify` must find everything whole.
"""

import argparse
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image

from settings import ROOT

CLIENTS = 4
START_S = 60.0


@dataclass
class Tally:
    """What the clients were told and what was found afterwards."""

    sent: int = 0
    acknowledged: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # id -> (client key, photo)
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    duplicated: int = 0
    broken: int = 0
    kills: int = 0

    @property
    def failures(self) -> int:
        """Everything that must be zero."""
        return len(self.lost) + len(self.damaged) + self.duplicated + self.broken


class Server:
    """`baopian serve` on an instance of its own, in a process group that can be killed at once."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
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
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"


def main(arguments: list[str] | None = None) -> int:
    """Run the rounds and print what was found; 1 when anything acknowledged is lost or broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--reports", type=int, default=40, help="reports that the clients try to send in a round"
    )
    parser.add_argument(
        "--database", default="sqlite", help="sqlite, postgis (a cluster of its own) or a DSN"
    )
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    started = time.monotonic()
    tally = run(asked.rounds, asked.reports, asked.database, random.Random(asked.seed))
    print(f"database     {asked.database}")
    print(f"rounds       {asked.rounds}, killed {tally.kills} times")
    print(f"reports      {tally.sent} sent, {len(tally.acknowledged)} acknowledged")
    print(f"lost         {len(tally.lost)}")
    print(f"photo broken {len(tally.damaged)}")
    print(f"twice        {tally.duplicated}")
    print(f"verify       {'whole' if not tally.broken else 'broken'}")
    print(f"seconds      {time.monotonic() - started:.1f}")
    return 1 if tally.failures else 0


def run(rounds: int, reports: int, database: str, dice: random.Random) -> Tally:
    """Kill the server in ``rounds`` rounds while reports come in; returns what was acknowledged and found."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="baopian-durability-") as folder, ExitStack() as stack:
        environ = {**os.environ, "INSTANCE": str(Path(folder) / "instance"), "PYTHONPATH": str(ROOT)}
        environ.pop("NOW", None)
        if url := stack.enter_context(_database(database)):
            environ["DATABASE_URL"] = url
        _baopian(environ, "init", "--demo")
        key = _baopian(environ, "key", "add", "durability", "--role", "administrator").split()[-1]
        server = Server(environ)
        stack.callback(server.kill)
        for _ in range(rounds):
            server.start()
            _storm(server, key, reports, dice, tally)
            tally.kills += 1
        server.start()
        _look(server, key, tally)
        server.kill()
        tally.broken = _exit_of(environ, "verify")
    return tally


def _storm(server: Server, key: str, reports: int, dice: random.Random, tally: Tally) -> None:
    """Clients send until the server is killed at a moment that nobody chose."""
    lock, left = threading.Lock(), iter(range(reports))
    halfway = threading.Event()

    def client(seed: int) -> None:
        own = random.Random(seed)
        while True:
            with lock:
                if next(left, None) is None:
                    break
                tally.sent += 1
                if tally.sent % max(1, reports // 3) == 0:
                    halfway.set()
            name, photo = secrets.token_hex(16), _picture(own)
            try:
                body = _send(server, key, name, photo, own)
            except (urllib.error.URLError, OSError, TimeoutError, ValueError):
                continue  # not acknowledged: nothing is promised
            with lock:
                tally.acknowledged[str(body["id"])] = (name, photo)
        halfway.set()

    clients = [threading.Thread(target=client, args=(dice.getrandbits(32),)) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    halfway.wait(30)
    time.sleep(dice.random() * 0.4)
    server.kill()
    for one in clients:
        one.join()


def _look(server: Server, key: str, tally: Tally) -> None:
    """Ask for everything that was acknowledged, and whether sending it again files it again."""
    for finding, (name, photo) in tally.acknowledged.items():
        try:
            properties = json.loads(_get(server, key, f"/api/v1/findings/{finding}"))["properties"]
        except urllib.error.HTTPError:
            tally.lost.append(finding)
            continue
        photos = [_get(server, key, f"/api/v1/photos/{one['id']}") for one in properties["photos"]]
        if photos != [photo]:
            tally.damaged.append(finding)
        again = _send(server, key, name, photo, random.Random(0))
        tally.duplicated += str(again["id"]) != finding


def _send(server: Server, key: str, name: str, photo: bytes, dice: random.Random) -> dict[str, object]:
    fields = {
        "category": "0102", "lon": f"{101.79 + dice.random() * 0.03:.6f}", "lat": f"{36.60 + dice.random() * 0.02:.6f}",
        "description": f"durability {name}", "client_key": name,
    }  # fmt: skip
    boundary = secrets.token_hex(12)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'.encode()
        for field, text in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="p.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
        + photo
        + b"\r\n"
    )
    parts.append(f"--{boundary}--\r\n".encode())
    request = urllib.request.Request(  # noqa: S310 - our own server on this machine
        server.url("/api/v1/findings"),
        data=b"".join(parts),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        body: dict[str, object] = json.loads(answer.read())
    return body


def _get(server: Server, key: str, path: str) -> bytes:
    request = urllib.request.Request(server.url(path), headers={"Authorization": f"Bearer {key}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def _picture(dice: random.Random) -> bytes:
    """A photo that no other is like."""
    noise = Image.frombytes("RGB", (64, 48), dice.randbytes(64 * 48 * 3))
    out = BytesIO()
    noise.resize((640, 480)).save(out, "JPEG", quality=80)
    return out.getvalue()


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        yield ""
    elif name == "postgis":
        from tests.postgis import running

        with running() as cluster, cluster.database() as url:
            yield url
    else:
        yield name


def _baopian(environ: dict[str, str], *words: str) -> str:
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


def _exit_of(environ: dict[str, str], *words: str) -> int:
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], env=environ, capture_output=True, check=False
    ).returncode


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main())
