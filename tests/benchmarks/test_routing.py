"""Public instance files are read by their own rules, solutions written and verified from the file alone."""

from pathlib import Path

import pytest

from benchmarks._routing_instances import BadInstance, read_instance
from benchmarks._routing_ours import solved
from benchmarks._routing_solution import best_in, cost_of, written
from benchmarks.routing import main

POINTS = "NODE_COORD_SECTION\n1 0 0\n2 0 7.5\n3 10 7.5\n4 10.0 0\n"
HEAD = "NAME : t\nTYPE : TSP\nDIMENSION : 4\n"
TSP = f"{HEAD}EDGE_WEIGHT_TYPE : %s\n{POINTS}EOF\n"
DEMANDS = "DEMAND_SECTION\n1 0\n2 4\n3 4\n4 4\nDEPOT_SECTION\n1\n-1\n"
CVRP = f"{HEAD}CAPACITY : 8\nEDGE_WEIGHT_TYPE : EUC_2D\n{POINTS}{DEMANDS}EOF\n"
WINDOWS = "TIME_WINDOW_SECTION\n1 0 100\n2 0 9\n3 50 60\n4 0 100\n"
VRPTW = CVRP.replace("EOF", "").replace("CAPACITY", "VEHICLES : 2\nSERVICE_TIME : 1\nCAPACITY") + WINDOWS
SOLOMON = """T1

VEHICLE
NUMBER     CAPACITY
  2         8

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0       0          0          0          0        100          0
    1       0          7.5        4          0          9          1
    2      10          7.5        4         50         60          1
    3      10          0          4          0        100          1
"""
SCORES = "NODE_SCORE_SECTION\n1 0\n2 5\n3 7\n4 6\nDEPOT_SECTION\n1\n-1\n"
OP = f"{HEAD}COST_LIMIT : 21\nEDGE_WEIGHT_TYPE : CEIL_2D\n{POINTS}{SCORES}EOF\n"
CHAO = "n 4\nm 2\ntmax 20.1\n0\t0\t0\n0\t7.5\t5\n10\t7.5\t7\n10\t0\t0\n"


def read(tmp_path: Path, text: str, name: str = "t.vrp") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rule", "side", "diagonal"),
    [("EUC_2D", 8, 13), ("CEIL_2D", 8, 13), ("MAN_2D", 8, 18), ("MAX_2D", 8, 10), ("ATT", 3, 4)],
)
def test_distances_follow_tsplib(tmp_path: Path, rule: str, side: int, diagonal: int) -> None:
    distance = read_instance(read(tmp_path, TSP % rule)).distance
    assert (distance[0, 1], distance[0, 2]) == (side, diagonal)


@pytest.mark.parametrize(
    ("layout", "numbers"),
    [
        ("FULL_MATRIX", "0 1 2 3 1 0 4 5 2 4 0 6 3 5 6 0"),
        ("UPPER_ROW", "1 2 3 4 5 6"),
        ("LOWER_ROW", "1 2 4 3 5 6"),
        ("UPPER_DIAG_ROW", "0 1 2 3 0 4 5 0 6 0"),
        ("LOWER_DIAG_ROW", "0 1 0 2 4 0 3 5 6 0"),
    ],
)
def test_matrices_are_read_in_every_layout(tmp_path: Path, layout: str, numbers: str) -> None:
    text = f"{HEAD}EDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: {layout}\nEDGE_WEIGHT_SECTION\n{numbers}\nEOF\n"
    expected = [[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]]
    assert read_instance(read(tmp_path, text)).distance.tolist() == expected


def test_geographical_distances_are_whole_kilometres(tmp_path: Path) -> None:
    points = POINTS.replace("0 7.5", "0 90", 1)
    distance = read_instance(read(tmp_path, f"{HEAD}EDGE_WEIGHT_TYPE: GEO\n{points}EOF\n")).distance
    assert distance[0, 1] == int(6378.388 * 3.141592 / 2 + 1)
    assert distance[0, 0] == 0


def test_windows_in_vrplib_truncate_to_one_decimal_and_solomon_does_not_round(tmp_path: Path) -> None:
    timed, solomon = read_instance(read(tmp_path, VRPTW)), read_instance(read(tmp_path, SOLOMON, "T1.txt"))
    assert timed.distance[1, 3] == 12.5
    assert solomon.distance[0, 2] == pytest.approx(12.5)
    assert (timed.vehicles, timed.capacity, solomon.vehicles, solomon.capacity) == (2, 8, 2, 8)
    assert timed.closes.tolist() == solomon.closes.tolist() == [100, 9, 60, 100]
    assert timed.service.tolist() == solomon.service.tolist() == [0, 1, 1, 1]


def test_prizes(tmp_path: Path) -> None:
    single, team = read_instance(read(tmp_path, OP)), read_instance(read(tmp_path, CHAO, "p.txt"))
    assert (single.limit, single.prize.tolist(), single.end) == (21, [0, 5, 7, 6], 0)
    assert (team.limit, team.vehicles, team.start, team.end) == (20.1, 2, 0, 3)
    assert cost_of(team, solved(team, 0.5)) == 12


@pytest.mark.parametrize("text", [CVRP, VRPTW, SOLOMON])
def test_what_is_found_keeps_the_rules(tmp_path: Path, text: str) -> None:
    instance = read_instance(read(tmp_path, text))
    assert cost_of(instance, solved(instance, 0.5)) > 0


@pytest.mark.parametrize(
    ("routes", "why"),
    [
        ([[1, 2, 3]], "load"),
        ([[1, 2]], "not visited"),
        ([[1, 2], [2, 3]], "twice"),
        ([[2, 1], [3]], "closed"),
    ],
)
def test_solutions_that_break_a_rule_are_refused(tmp_path: Path, routes: list[list[int]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        cost_of(read_instance(read(tmp_path, VRPTW)), routes)


def test_solutions_count_as_vrplib_does(tmp_path: Path) -> None:
    instance = read_instance(read(tmp_path, CVRP))
    assert written(instance, [[1, 2], [3]], 51.0) == "Route #1: 1 2\nRoute #2: 3\nCost 51\n"
    read(tmp_path, "Route #1: 1 2\nCost 36881.0\n", "t.sol")
    assert best_in(tmp_path / "t.vrp") == 36881


def test_the_command_writes_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.sol"
    path = read(tmp_path, TSP % "EUC_2D", "t.tsp")
    assert main([str(path), "--seconds", "0.2", "--best", "36", "--out", str(out)]) == 0
    assert "0.00" in capsys.readouterr().out
    numbers = [int(word) for word in out.read_text().splitlines()[0].split(":")[1].split()]
    assert sorted(numbers) == [1, 2, 3]
    assert out.read_text().splitlines()[-1] == "Cost 36"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rubbish",
        HEAD,
        TSP % "UNHEARD",
        TSP.replace("4 10.0 0\n", "") % "EUC_2D",
        "n 9\nm 1\ntmax 3\n0 0 0\n",
    ],
)
def test_files_that_are_none_are_named(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = read(tmp_path, text)
    with pytest.raises(BadInstance):
        read_instance(path)
    assert main([str(path)]) == 1
    assert str(path) in capsys.readouterr().err
