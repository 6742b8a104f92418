"""Points to areas: million points per CPU second beside shapely, geopandas and databases, build time included.

`python -m benchmarks.assignment` takes two minutes with a small city; `--full` is the table of docs/assignment.md.
The city is made up and always the same (benchmarks/_city.py). Every measurement is a process of its own; times are
CPU seconds, of all threads together, the least of several; the peers' answers are compared with `shapely.covers`.
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from benchmarks._assignment_peers import PEERS
from benchmarks._assignment_report import printed, write_page
from benchmarks._city import city_areas, city_points
from settings import ROOT

Json = dict[str, Any]
FULL = ("500_200", "5000_200", "500_2000", "5000_2000", "50000_200")
FRESH_PEERS = ("ours", "ours-numpy", "shapely-areas", "shapely-points")
_TREE_POINTS = 2_000_000  # at more a tree takes minutes and tells nothing new


@dataclass
class Figures:
    """What was measured: by city and peer the joins, by city, peer and number of points the fresh ones."""

    points: int
    joins: dict[str, dict[str, Json]] = field(default_factory=dict)
    fresh: dict[str, dict[str, dict[int, Json]]] = field(default_factory=dict)
    whole: dict[str, dict[str, Json]] = field(default_factory=dict)
    one: dict[str, Json] = field(default_factory=dict)
    jit: Json = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    command: str = ""

    def keep(self, path: Path) -> None:
        """Write them down."""
        path.write_text(json.dumps(self.__dict__, indent=1), encoding="utf-8")

    @classmethod
    def kept(cls, path: Path) -> "Figures":
        """Those that were written down."""
        figures = cls(**json.loads(path.read_text(encoding="utf-8")))
        for peers in figures.fresh.values():
            for name, found in peers.items():
                peers[name] = {int(points): one for points, one in found.items()}
        return figures


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, print, and write the page when asked."""
    options = _options(argv)
    command = "python -m benchmarks.assignment " + " ".join(argv or sys.argv[1:])
    if options.shown:
        figures = Figures.kept(options.shown)
    else:
        with tempfile.TemporaryDirectory(prefix="baopian-bench-") as temporary:
            figures = Bench(Path(temporary), options, command).measure()
    print(printed(figures))
    if options.page:
        write_page(figures, figures.command)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.assignment",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument(
        "--cities", default="500_200", help=f"areas_vertices, by commas (of {' '.join(FULL)}, or any)"
    )
    parser.add_argument("--points", type=_number, default=200_000, help="points of a join (default 200k)")
    parser.add_argument(
        "--fresh", default="300k", help="points of a fresh index's first join, by commas; empty: none"
    )
    parser.add_argument("--peers", default=",".join(PEERS), help="by commas: " + " ".join(PEERS))
    parser.add_argument("--parts", default="join,fresh,whole", help="of them only these, by commas")
    parser.add_argument("--repeats", type=int, default=3, help="the least of so many is taken (default 3)")
    parser.add_argument(
        "--postgis", default=os.environ.get("BENCH_POSTGIS", ""), help="a DSN of a PostGIS to measure"
    )
    parser.add_argument(
        "--full", action="store_true", help="all cities, 1M points, fresh at 30k to 50M: an hour"
    )
    parser.add_argument("--json", type=Path, help="keep the figures there, after each city")
    parser.add_argument(
        "--show", type=Path, dest="shown", help="measure nothing, show (--page: write) kept figures"
    )
    parser.add_argument(
        "--page", action="store_true", help="write docs/assignment.md's figures and their chart"
    )
    options = parser.parse_args(argv)
    if options.full:
        options.cities, options.points, options.fresh = ",".join(FULL), 1_000_000, "10k,100k,300k,2M,50M"
    options.cities = [name for name in options.cities.split(",") if name]
    options.fresh = [_number(text) for text in options.fresh.split(",") if text]
    options.parts = [part for part in options.parts.split(",") if part]
    if not set(options.parts) <= {"join", "fresh", "whole"}:
        parser.error("--parts: there are join, fresh and whole")
    options.peers = [name for name in options.peers.split(",") if name]
    for name in options.peers:
        if name not in PEERS:
            parser.error(f"--peers {name}: there are {' '.join(PEERS)}")
    for name in options.cities:
        if len(name.split("_")) != 2 or not all(part.isdigit() and int(part) for part in name.split("_")):
            parser.error(f"--cities {name}: write areas_vertices, 500_200 for example")
    return options


def _number(text: str) -> int:
    factor = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    try:
        return int(float(text[:-1] if factor > 1 else text) * factor)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no number: 200k, 2M, 5000") from None


class Bench:
    """Runs one measurement after the other, each in its own process, on data that is made once."""

    def __init__(self, folder: Path, options: argparse.Namespace, command: str = "") -> None:
        self._folder, self._options = folder, options
        self.figures = Figures(options.points, command=command)

    def measure(self) -> Figures:
        """All of it."""
        self._peers = self._there()
        most = max([self._options.points, *self._options.fresh])
        np.save(self._folder / "points.npy", np.stack(city_points(most)))
        for city in self._options.cities:
            self._made(city)
            for part in self._options.parts:
                {"join": self._joins, "fresh": self._fresh, "whole": self._others}[part](city)
            if self._options.json:
                self.figures.keep(self._options.json)
        return self.figures

    def _there(self) -> list[str]:
        found = []
        for name in self._options.peers:
            lack = PEERS[name].lacks()
            if name == "postgis" and not self._options.postgis:
                lack = "no --postgis DSN was given"
            if lack:
                self.figures.skipped[name] = lack
                _say(f"skipped {name}: {lack}")
            else:
                found.append(name)
        return found

    def _made(self, city: str) -> None:
        _say(f"making the city {city}")
        areas, vertices = (int(part) for part in city.split("_"))
        wkb = shapely.to_wkb(city_areas(areas, vertices))
        (self._folder / f"{city}.areas").write_bytes(pickle.dumps(wkb))

    def _joins(self, city: str) -> None:
        for name in self._peers:
            points = min(self._options.points, PEERS[name].most_points)
            repeats = 1 if name == "postgis" else self._options.repeats
            found = self._run("join", city, name, points, repeats=repeats)
            if found is not None:
                self.figures.joins.setdefault(city, {})[name] = {"points": points, **found}

    def _fresh(self, city: str) -> None:
        for points in self._options.fresh:
            for name in [peer for peer in FRESH_PEERS if peer in self._peers]:
                if name.startswith("shapely") and points > _TREE_POINTS:
                    continue
                is_long = points > _TREE_POINTS or (name.startswith("shapely") and points >= _TREE_POINTS)
                rounds = 1 if is_long else self._options.repeats
                found = [self._run("fresh", city, name, points, warm=True) for _ in range(rounds)]
                good = [one for one in found if one is not None]
                if good:
                    best = min(good, key=lambda one: float(one["ready_s"] + one["first_s"]))
                    self.figures.fresh.setdefault(city, {}).setdefault(name, {})[points] = best

    def _others(self, city: str) -> None:
        points = min(self._options.points, 1_000_000)
        for name in ("ours", "ours-numpy"):
            if name in self._peers and (found := self._run("whole", city, name, points)):
                self.figures.whole.setdefault(city, {})[name] = found
        if "geopandas-within" in self._peers and (
            found := self._run("one", city, "geopandas-within", points)
        ):
            self.figures.one[city] = found
        if "ours" in self._peers and not self.figures.jit:
            with tempfile.TemporaryDirectory() as cache:
                first = self._run("jit", city, "ours", points, NUMBA_CACHE_DIR=cache)
                again = self._run("jit", city, "ours", points, NUMBA_CACHE_DIR=cache)
            if first and again:
                self.figures.jit = {
                    "compile_s": first["first_s"] - again["first_s"],
                    "load_s": again["first_s"] - again["second_s"],
                }

    def _run(self, what: str, city: str, peer: str, points: int, **more: Any) -> Json | None:
        """A measurement in a new process; None when it fails, which is noted."""
        _say(f"{what} {city} {peer} {points:,}")
        environ = {**os.environ, "BENCH_POSTGIS": self._options.postgis, **dict(PEERS[peer].environ)}
        environ |= {name: more.pop(name) for name in list(more) if name.isupper()}
        case = {
            "what": what,
            "city": city,
            "peer": peer,
            "points": points,
            "folder": str(self._folder),
            **more,
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks._assignment_case", json.dumps(case)],
            cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
            self.figures.notes.append(f"{what} {city} {peer} failed: {reason[:200]}")
            _say(self.figures.notes[-1])
            return None
        found: Json = json.loads(done.stdout.splitlines()[-1])
        return found


_say: Callable[[str], None] = lambda text: print(f"… {text}", file=sys.stderr, flush=True)  # noqa: E731

if __name__ == "__main__":
    main()
