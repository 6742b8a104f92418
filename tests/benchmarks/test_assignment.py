import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks import _assignment_report, assignment
from benchmarks._assignment_case import CHECKED_POINTS, _wrong
from benchmarks._assignment_chart import chart
from benchmarks._assignment_peers import PEERS, Pairs, Winners, tree_of_areas, tree_of_points
from benchmarks._assignment_report import break_even, printed, write_page
from benchmarks._city import city_areas, city_points
from benchmarks.assignment import Figures, main


@pytest.fixture
def figures() -> Figures:
    join = {"ready_s": 0.1, "first_s": 0.2, "join_s": 0.1, "memory_mb": 5, "points": 1_000_000, "wrong": 0}
    fresh = {n: {"ready_s": 0.01, "first_s": n / 1e7, "memory_mb": 1} for n in (10_000, 300_000)}
    slow = {n: {"ready_s": 0.001, "first_s": n / 1e6, "memory_mb": 1} for n in (10_000, 300_000)}
    whole = {
        "save_s": 1, "load_s": 0.1, "memory_mb": 9, "file_mb": 8, "one_us": 2, "replace_ms": 3,
        "replace_worst_ms": 9, "after_ms": 5, "replaced_right": True,
    }  # fmt: skip
    slow_join, limit = {**join, "join_s": 3, "wrong": 7}, {**join, "join_s": 1e-3}
    return Figures(
        1_000_000,
        {"500_200": {"ours": join, "geopandas-within": slow_join, "limit": limit}},
        {"500_200": {"ours": fresh, "shapely-areas": slow}},
        {"500_200": {"ours": whole}},
        {"500_200": {"tree_us": 20, "geopandas_us": 9000}},
        {"compile_s": 5, "load_s": 0.3},
        {"postgis": "no --postgis DSN was given"},
        ["join 500_200 duckdb failed: <out of memory>"],
    )


def test_the_text_has_rates_ratios_and_what_is_missing(figures: Figures) -> None:
    text = printed(figures)
    joins = text.split("\n\n")[0]
    lines = {line.split("  ")[0]: line.split() for line in joins.splitlines() if line}
    assert lines["geopandas.sjoin within"][-3:] == ["0.333", "(7", "differ)"]
    assert "Baopian AreaIndex : geopandas.sjoin within     30 x" in text
    assert "Skipped PostGIS GiST (wall time): no --postgis DSN was given." in text
    assert "numba compiles 5.0 CPU s" in text
    assert "duckdb failed" in text


def test_the_page_is_written_between_its_marks(
    figures: Figures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, picture = tmp_path / "page.md", tmp_path / "chart.svg"
    page.write_text(f"before\n{_assignment_report.START}\nold\n{_assignment_report.END}\nafter\n")
    monkeypatch.setattr(_assignment_report, "PAGE", page)
    monkeypatch.setattr(_assignment_report, "PICTURE", picture)
    for _ in range(2):
        write_page(figures, "python -m benchmarks.assignment --page")
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert text.count("| Baopian AreaIndex | 10 |") == 1
    ET.parse(picture)  # noqa: S314 - written a line above


def test_the_chart_says_its_figures_in_words_too(figures: Figures) -> None:
    drawn = ET.fromstring(chart(figures))  # noqa: S314 - our own
    assert "Baopian AreaIndex 10" in drawn.attrib["aria-label"]
    texts = [node.text for node in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Baopian AreaIndex", "geopandas.sjoin within", "0.33", "300k"} <= set(texts)


@pytest.mark.parametrize(
    ("ours", "tree", "said"),
    [
        ({10: 5.0, 100: 5.0, 1000: 6.0}, {10: 1.0, 100: 10.0, 1000: 100.0}, "0.01k to 0.1k"),
        ({10: 5.0, 100: 5.0}, {10: 9.0, 100: 9.0}, "below 0.01k"),
        ({10: 5.0, 100: 50.0}, {10: 1.0, 100: 10.0}, "above 0.1k"),
        ({10: 5.0}, {100: 5.0}, ""),
    ],
)
def test_from_where_on_an_index_pays(ours: dict[int, float], tree: dict[int, float], said: str) -> None:
    def timed(seconds: dict[int, float]) -> dict[int, Any]:
        return {points: {"ready_s": 0, "first_s": value} for points, value in seconds.items()}

    assert break_even(timed(ours), timed(tree)) == said


def test_a_wrong_answer_is_counted() -> None:
    areas, (lon, lat) = city_areas(20, 30), city_points(2000)
    assert CHECKED_POINTS >= 2000
    for ready in (tree_of_points, tree_of_areas):
        right = ready(areas, lon, lat)()
        assert isinstance(right, Pairs)
        assert _wrong(right, areas, lon, lat) == 0
        assert _wrong(Pairs(right.point[1:], right.area[1:]), areas, lon, lat) == 1
    ours = PEERS["ours"].ready(areas, lon, lat)()
    assert isinstance(ours, Winners)
    assert _wrong(ours, areas, lon, lat) == 0
    ours.position[:3] = 7
    assert _wrong(ours, areas, lon, lat) > 0


def test_it_runs_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "figures.json"
    main(
        ["--cities", "20_30", "--points", "2k", "--fresh", "2k", "--repeats", "1", "--peers", "ours,postgis",
         "--json", str(kept)]
    )  # fmt: skip
    shown = capsys.readouterr().out
    main(["--show", str(kept)])
    assert capsys.readouterr().out == shown
    found = json.loads(kept.read_text())
    assert found["joins"]["20_30"]["ours"]["wrong"] == 0
    assert found["whole"]["20_30"]["ours"]["replaced_right"] is True
    assert "postgis" in found["skipped"]
    assert found["notes"] == []
    assert "Baopian AreaIndex" in shown


@pytest.mark.parametrize("words", [["--peers", "nobody"], ["--cities", "many"], ["--points", "few"]])
def test_wrong_options_are_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert words[1] in capsys.readouterr().err


def test_a_measurement_that_fails_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = assignment._options(["--cities", "5_10"])
    bench = assignment.Bench(tmp_path, options)
    assert bench._run("join", "5_10", "ours", 10, repeats=1) is None
    assert "join 5_10 ours failed: FileNotFoundError" in bench.figures.notes[0]
