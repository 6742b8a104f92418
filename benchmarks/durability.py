"""What was acknowledged has to be there after the server was killed: how often it is not.

`python -m benchmarks.durability --rounds N --reports M [--database sqlite|postgis|DSN]` starts the real server, lets
several clients send reports with photos, kills it (SIGKILL, the whole process group) in the middle, starts it again,
and asks for every report that was acknowledged: it must be there once, with its photo byte for byte. Then the clients
send everything again, as phones do that never got an answer: each report must be on record once, not twice. At the
end `baopian verify` must find everything whole. `--kill-database` kills PostgreSQL in the same moment too.
"""

import argparse
import http.client
import json
import os
import random
import secrets
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks._installation import Cluster, Server, baopian, database, exit_of
from settings import ROOT

CLIENTS = 4
EVERY_STATUS = "over,due,prog,new,check,susp,done"


@dataclass(frozen=True)
class Report:
    """What a client sends: its key, a place in the demo city, a photo that no other is like."""

    key: str
    lon: float
    lat: float
    photo: bytes


@dataclass
class Tally:
    """What the clients were told and what was found afterwards."""

    sent: int = 0
    reports: list["Report"] = field(default_factory=list)
    acknowledged: dict[str, "Report"] = field(default_factory=dict)  # by the finding's id
    found_again: int = 0  # stored before the kill, though the client never heard
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    duplicated: int = 0
    broken: int = 0
    kills: int = 0

    @property
    def failures(self) -> int:
        """Everything that must be zero."""
        return len(self.lost) + len(self.damaged) + self.duplicated + self.broken


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
    parser.add_argument(
        "--kill-database", action="store_true", help="kill PostgreSQL as well (with --database postgis)"
    )
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    started = time.monotonic()
    if asked.kill_database and asked.database != "postgis":
        parser.error("--kill-database needs --database postgis: only our own cluster may be killed")
    tally = run(
        asked.rounds,
        asked.reports,
        asked.database,
        random.Random(asked.seed),
        kill_database=asked.kill_database,
    )
    print(f"database     {asked.database}")
    what = "server and PostgreSQL" if asked.kill_database else "server"
    print(f"rounds       {asked.rounds}, {what} killed {tally.kills} times")
    print(f"reports      {tally.sent} sent, {len(tally.acknowledged)} acknowledged")
    print(
        f"unanswered   {tally.sent - len(tally.acknowledged)}, of them stored all the same {tally.found_again}"
    )
    print(f"lost         {len(tally.lost)}")
    print(f"photo broken {len(tally.damaged)}")
    print(f"twice        {tally.duplicated}")
    print(f"verify       {'whole' if not tally.broken else 'broken'}")
    print(f"seconds      {time.monotonic() - started:.1f}")
    return 1 if tally.failures else 0


def run(rounds: int, reports: int, where: str, dice: random.Random, *, kill_database: bool = False) -> Tally:
    """Kill the server in ``rounds`` rounds while reports come in; returns what was acknowledged and found."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="baopian-durability-") as folder, ExitStack() as stack:
        environ = {**os.environ, "INSTANCE": str(Path(folder) / "instance"), "PYTHONPATH": str(ROOT)}
        environ.pop("NOW", None)
        environ.pop("DATABASE_URL", None)
        cluster = stack.enter_context(database(where, durable=kill_database))
        if cluster.url:
            environ["DATABASE_URL"] = cluster.url
        baopian(environ, "init", "--demo")
        key = baopian(environ, "key", "add", "durability", "--role", "administrator").split()[-1]
        server = Server(environ)
        stack.callback(server.kill)
        server.start()
        before = _on_record(server, key)
        for _ in range(rounds):
            _storm(server, key, reports, dice, tally, cluster if kill_database else None)
            tally.kills += 1
            server.start()
        _look(server, key, tally)
        _send_again(server, key, tally)
        tally.duplicated += abs(_on_record(server, key) - before - len(tally.reports))
        server.kill()
        tally.broken = exit_of(environ, "verify")
    return tally


def _storm(
    server: Server, key: str, reports: int, dice: random.Random, tally: Tally, cluster: Cluster | None
) -> None:
    """Clients send until the server is killed at a moment that nobody chose."""
    lock, left = threading.Lock(), iter(range(reports))
    busy = threading.Event()

    def client(seed: int) -> None:
        own = random.Random(seed)
        while not server.is_killed:
            report = _report(own)
            with lock:
                if next(left, None) is None:
                    break
                tally.reports.append(report)
                tally.sent += 1
                if tally.sent % max(1, reports // 3) == 0:
                    busy.set()
            try:
                body = _send(server, key, report)
            except (http.client.HTTPException, OSError, ValueError):
                continue  # not acknowledged: nothing is promised
            with lock:
                tally.acknowledged[str(body["id"])] = report
        busy.set()

    clients = [threading.Thread(target=client, args=(dice.getrandbits(32),)) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    busy.wait(30)
    time.sleep(dice.random() * 0.4)
    server.kill()
    if cluster is not None:
        cluster.kill()
    for one in clients:
        one.join()
    if cluster is not None:
        cluster.start()


def _look(server: Server, key: str, tally: Tally) -> None:
    """Ask for everything that was acknowledged."""
    for finding, report in tally.acknowledged.items():
        try:
            properties = json.loads(_get(server, key, f"/api/v1/findings/{finding}"))["properties"]
        except urllib.error.HTTPError:
            tally.lost.append(finding)
            continue
        photos = [_get(server, key, f"/api/v1/photos/{one['id']}") for one in properties["photos"]]
        if photos != [report.photo]:
            tally.damaged.append(finding)


def _send_again(server: Server, key: str, tally: Tally) -> None:
    """Everything once more: what is there is answered with the same finding, what is not is filed now."""
    known = {report.key: finding for finding, report in tally.acknowledged.items()}
    there = _on_record(server, key)
    for report in tally.reports:
        finding = str(_send(server, key, report)["id"])
        tally.duplicated += finding != known.get(report.key, finding)
    tally.found_again = len(tally.reports) - len(known) - (_on_record(server, key) - there)


def _on_record(server: Server, key: str) -> int:
    """How many findings there are, whatever their status."""
    count: int = json.loads(_get(server, key, f"/api/v1/findings?limit=1&status={EVERY_STATUS}"))[
        "numberMatched"
    ]
    return count


def _report(dice: random.Random) -> Report:
    lon, lat = 101.79 + dice.random() * 0.03, 36.60 + dice.random() * 0.02
    return Report(secrets.token_hex(16), round(lon, 6), round(lat, 6), _picture(dice))


def _send(server: Server, key: str, report: Report) -> dict[str, object]:
    fields = {
        "category": "0102", "lon": f"{report.lon}", "lat": f"{report.lat}",
        "description": f"durability {report.key}", "client_key": report.key,
    }  # fmt: skip
    boundary = secrets.token_hex(12)
    head = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{head}"{name}"\r\n\r\n{text}\r\n'.encode() for name, text in fields.items()]
    photo_head = f'{head}"photos"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    parts += [photo_head.encode(), report.photo, f"\r\n--{boundary}--\r\n".encode()]
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


if __name__ == "__main__":
    sys.exit(main())
