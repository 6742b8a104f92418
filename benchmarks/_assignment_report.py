"""The figures of `benchmarks.assignment` as tables for a terminal and for docs/assignment.md."""

import importlib.metadata
import os
import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks._assignment_chart import chart
from benchmarks._assignment_peers import PEERS
from settings import ROOT

if TYPE_CHECKING:
    from benchmarks.assignment import Figures

PAGE = ROOT / "docs" / "assignment.md"
PICTURE = ROOT / "docs" / "images" / "assignment.svg"
START, END = "<!-- figures: written by the command named in them -->", "<!-- end of figures -->"
_VERSIONS = ("numpy", "shapely", "numba", "geopandas", "duckdb", "sedonadb")

Json = dict[str, Any]
Rows = list[list[str]]


def printed(figures: "Figures") -> str:
    """All tables as text for a terminal."""
    parts = []
    for title, rows in _tables(figures):
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
            for row in rows
        ]
        parts.append("\n".join(["", title, *lines]))
    return "\n".join([*parts, "", *_remarks(figures)])


def write_page(figures: "Figures", command: str) -> None:
    """The same tables in docs/assignment.md, with the command, the machine and the chart."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    after = rest.split(END)[1]
    parts = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} with `{command}` on {_machine()}; {_versions()}.",
        "![Points per CPU second beside the peers, and what a fresh index costs](images/assignment.svg)",
    ]
    for title, rows in _tables(figures):
        head, *body = rows
        lines = [f"| {' | '.join(row)} |" for row in body]
        align = "|---|" + "---:|" * (len(head) - 1)
        parts.append("\n".join([f"**{title}**", "", f"| {' | '.join(head)} |", align, *lines]))
    parts.append("\n".join(f"- {remark}" for remark in _remarks(figures)))
    PAGE.write_text(f"{before}{START}\n\n" + "\n\n".join(parts) + f"\n\n{END}{after}", encoding="utf-8")
    PICTURE.write_text(chart(figures), encoding="utf-8")


def rate(one: Json) -> float:
    """Million points per CPU second of a join."""
    return float(one["points"]) / float(one["join_s"]) / 1e6


def break_even(ours: dict[int, Json], tree: dict[int, Json]) -> str:
    """From how many points on a fresh index costs less than a fresh tree."""
    both = sorted(ours.keys() & tree.keys())
    won = [points for points in both if total(ours[points]) <= total(tree[points])]
    if not both:
        return ""
    lost = [points for points in both if points not in won]
    if not lost:
        return f"below {short(both[0])}"
    later = [points for points in won if points > max(lost)]
    return f"{short(max(lost))} to {short(min(later))}" if later else f"above {short(max(both))}"


def total(one: Json) -> float:
    """CPU seconds of build and first join."""
    return float(one["ready_s"]) + float(one["first_s"])


def short(points: int) -> str:
    """A number of points: 300k, 2M."""
    return f"{points // 1_000_000}M" if points % 1_000_000 == 0 else f"{points / 1000:g}k"


def _tables(figures: "Figures") -> list[tuple[str, Rows]]:
    tables = [
        (
            f"Join alone: million points per CPU second, {short(figures.points)} points",
            _join_rows(figures, _rate),
        ),
        ("How many times as fast as the peers, in the same run", _ratios(figures)),
        ("Memory of build and join beyond what was there, MB", _join_rows(figures, _memory)),
    ]
    for city, peers in figures.fresh.items():
        tables.append((f"A fresh index, {city}: CPU seconds of build + first join", _fresh_rows(peers)))
    if figures.whole:
        tables.append(
            ("The whole index at once, its file, one point, one area redrawn", _whole_rows(figures))
        )
    return [(title, rows) for title, rows in tables if len(rows) > 1]


def _join_rows(figures: "Figures", cell: Callable[[Json], str]) -> Rows:
    cities = list(figures.joins)
    rows = [["", *cities]]
    for name, peer in PEERS.items():
        found = [figures.joins[city].get(name) for city in cities]
        if any(found):
            rows.append([peer.label, *("" if one is None else cell(one) for one in found)])
    return rows


def _rate(one: Json) -> str:
    value = rate(one)
    wrong = f" ({one['wrong']:,} differ)" if one["wrong"] else ""
    return (f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.3f}") + wrong


def _memory(one: Json) -> str:
    return f"{one['memory_mb']:.0f}"


def _ratios(figures: "Figures") -> Rows:
    rows = [["", *figures.joins]]
    for ours in ("ours", "ours-numpy"):
        for title, names in (
            ("geopandas.sjoin within", ("geopandas-within",)),
            ("the better shapely tree", ("shapely-points", "shapely-areas")),
            ("the best of all peers", tuple(n for n in PEERS if not n.startswith("ours") and n != "limit")),
        ):
            cells = [_ratio(found, ours, names) for found in figures.joins.values()]
            if any(cells):
                rows.append([f"{PEERS[ours].label} : {title}", *cells])
    return rows


def _ratio(found: dict[str, Json], ours: str, names: Sequence[str]) -> str:
    rates = [rate(found[name]) for name in names if name in found]
    return f"{rate(found[ours]) / max(rates):.0f} x" if rates and ours in found else ""


def _fresh_rows(peers: dict[str, dict[int, Json]]) -> Rows:
    sizes = sorted({points for found in peers.values() for points in found})
    rows = [["", *(short(points) for points in sizes), "pays from, against the tree of areas"]]
    tree = peers.get("shapely-areas", {})
    for name, found in peers.items():
        cells = [_seconds(found[points]) if points in found else "" for points in sizes]
        rows.append([PEERS[name].label, *cells, break_even(found, tree) if name.startswith("ours") else ""])
    return rows


def _seconds(one: Json) -> str:
    return f"{one['ready_s']:.2f} + {one['first_s']:.2f}"


def _whole_rows(figures: "Figures") -> Rows:
    head = ["", "build + save, CPU s", "file, MB", "memory, MB", "load, CPU s", "one point, µs", "redraw one, CPU ms",
            "100k points after it, CPU ms", "equal to a rebuild"]  # fmt: skip
    rows = [head]
    for city, found in figures.whole.items():
        for name, one in found.items():
            rows.append([
                f"{city}, {PEERS[name].label}", f"{one['save_s']:.2f}", f"{one['file_mb']:.0f}",
                f"{one['memory_mb']:.0f}", f"{one['load_s']:.2f}", f"{one['one_us']:.1f}",
                f"{one['replace_ms']:.1f} (worst {one['replace_worst_ms']:.1f})", f"{one['after_ms']:.1f}",
                "yes" if one["replaced_right"] else "NO",
            ])  # fmt: skip
        if city in figures.one:
            peers = figures.one[city]
            for label, key in (("shapely STRtree of areas", "tree_us"), ("geopandas.sjoin", "geopandas_us")):
                rows.append([f"{city}, {label}", "", "", "", "", f"{peers[key]:.1f}", "", "", ""])
    return rows


def _remarks(figures: "Figures") -> list[str]:
    remarks = []
    if figures.jit:
        remarks.append(
            f"numba compiles {figures.jit['compile_s']:.1f} CPU s once for an installation; a later process reads"
            f" what was compiled in {figures.jit['load_s']:.2f} s."
        )
    remarks += [f"Skipped {PEERS[name].label}: {why}." for name, why in figures.skipped.items()]
    return remarks + [f"Not measured: {note}." for note in figures.notes]


def _machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{model} ({os.cpu_count()} cores, shared while it was measured), {platform.system()}"


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in _VERSIONS:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
