"""The command line: exit codes, messages without tracebacks, and San Francisco's own files from end to end."""

import json
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pandas as pd
import pytest
import shapely
from click.testing import CliRunner, Result

from cli import main
from tests.test_repository import ROOT
from tools.command_reference import PAGE, reference

SF = ROOT.parent / "shared" / "testdata" / "sf311"
MAPS = ROOT / "data" / "examples" / "san_francisco"


def run(*words: object, stdin: str | None = None) -> Result:
    """Run `baopian` with these words; an exception that is not an exit fails the test."""
    result = CliRunner().invoke(main, [str(word) for word in words], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An INSTANCE folder of the test's own."""
    for name in ("DATABASE_URL", "NOW", "NEAR_M"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INSTANCE", str(tmp_path / "instance"))
    return tmp_path / "instance"


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """Two squares that share a border."""
    path = tmp_path / "squares.geojson"
    shapes = {"A": shapely.box(101, 36, 101.5, 37), "B": shapely.box(101.5, 36, 102, 37)}
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": json.loads(shapely.to_geojson(shape))}
        for code, shape in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.fixture
def city(instance: Path, squares: Path) -> Path:
    """A city of one's own with two patches."""
    assert run("init", "--city", "西宁", "--extent", squares, "--timezone", "Asia/Shanghai").exit_code == 0
    assert run("import", "areas", squares, "--level", "patch", "--commit").exit_code == 0
    return instance


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Three reports: one good, one on the border, one nowhere."""
    path = tmp_path / "reports.csv"
    path.write_text("nr,lng,lat,kind\n1,101.2,36.5,0102\n2,101.5,36.5,0102\n3,0,0,0102\n", encoding="utf-8")
    return path


def test_version_and_help() -> None:
    assert run("--version").output.startswith("baopian, version ")
    listed = run("--help").output
    for name in ("init", "serve", "user", "key", "import", "export", "assign", "agreement"):
        assert f"  {name} " in listed


@pytest.mark.parametrize("command", list(main.commands))
def test_every_command_and_option_is_explained(command: str) -> None:
    def walk(one: object, path: str) -> None:
        for name, below in getattr(one, "commands", {}).items():
            walk(below, f"{path} {name}")
        assert one.get_short_help_str(), path  # type: ignore[attr-defined]

    walk(main.commands[command], command)


def test_init_creates_then_keeps(instance: Path) -> None:
    assert "created" in run("init").output
    assert "up to date" in run("init").output
    assert (instance / "baopian.sqlite").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("init", "--demo", "--city", "X"),
        ("init", "--findings", "5"),
        ("init", "--city", "X"),
        ("init", "--timezone", "Asia/Shanghai"),
        ("serve", "--tls-cert", "cli.py"),
        ("serve", "--port", "0"),
        ("import", "findings", "x.csv", "--x", "lon"),
        ("import", "findings", "x.csv", "--map", "colour=red"),
        ("import", "findings", "x.csv", "--map", "category"),
        ("import", "findings", "x.csv", "--map", "category=a", "--map", "category=b"),
        ("import", "findings", "x.csv", "--values", "place=x.csv"),
        ("import", "findings", "x.csv", "--rejects", "x.csv"),
        ("import", "areas", "x.geojson"),
        ("export", "findings", "x.doc"),
        ("assign", "a.csv", "b.geojson"),
        ("assign", "a.csv", "b.geojson", "--area-id", "id", "--out", "x.doc"),
        ("assign", "a.csv", "b.geojson", "--area-id", "id", "--workers", "0"),
        ("assign", "a.csv", "b.geojson", "--area-id", "id", "--workers", "2", "--dask", "tcp://127.0.0.1:1"),
        ("user", "add", "x", "--role", "king"),
        ("fly",),
    ],
)
def test_wrong_usage_is_status_2(instance: Path, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Error" in result.stderr
    assert not instance.exists()


def test_before_init_every_command_says_so(instance: Path, reports: Path) -> None:
    for words in (("import", "findings", reports), ("export", "areas", "x.csv"), ("serve",)):
        result = run(*words)
        assert result.exit_code == 1
        assert "run `baopian init` first" in result.stderr


def test_an_old_or_broken_database_is_named(city: Path, tmp_path: Path) -> None:
    database = city / "baopian.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    result = run("export", "areas", tmp_path / "x.csv")
    assert (result.exit_code, "older than this program" in result.stderr) == (1, True)
    database.write_bytes(b"this is no database, however long it may be" * 100)
    result = run("export", "areas", tmp_path / "x.csv")
    assert (result.exit_code, "cannot be used" in result.stderr) == (1, True)


def test_refusals_are_status_1_on_stderr(city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type": "FeatureCollection", "features": [', encoding="utf-8")
    for words, reason in (
        (("import", "areas", broken, "--level", "patch"), "line 1"),
        (("import", "areas", tmp_path / "none.shp", "--level", "patch"), "There is no file"),
        (("init", "--demo"), "holds"),
        (("init", "--city", "Y", "--extent", broken, "--timezone", "Asia/Shanghai"), "holds"),
    ):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert reason in result.stderr
    for name, value in (
        ("NEAR_M", "far"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://somewhere/x"),
        ("DATABASE_URL", "sqlite:////none/x"),
    ):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            result = run("export", "areas", tmp_path / "x.csv")
            assert (result.exit_code, result.stdout) == (1, "")


def test_serving_refuses_files_that_are_no_certificate(city: Path, tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("no certificate", encoding="utf-8")
    result = run("serve", "--tls-cert", tmp_path / "x.pem", "--tls-key", tmp_path / "x.pem")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not a certificate and its key" in result.stderr


def test_import_findings_as_a_dry_run_then_for_good(city: Path, reports: Path, tmp_path: Path) -> None:
    words = (
        "import",
        "findings",
        reports,
        "--id",
        "nr",
        "--map",
        "category=kind",
        "--rejects",
        tmp_path / "r.csv",
    )
    dry, done, again = run(*words), run(*words, "--commit"), run(*words, "--commit")
    assert [one.exit_code for one in (dry, done, again)] == [0, 0, 0]
    assert dry.stdout.splitlines()[:-1] == done.stdout.splitlines()[:-1]
    assert "Dry run: nothing was written" in dry.stdout
    assert "1  no location: longitude and latitude are 0,0" in done.stdout
    assert "1  on a border: listed in triage" in done.stdout
    assert "unchanged  2" in again.stdout
    assert (tmp_path / "r.csv").read_text(encoding="utf-8").splitlines() == [
        "nr,lng,lat,kind,reason",
        '3,0,0,0102,"no location: longitude and latitude are 0,0"',
    ]


def test_nothing_kept_is_status_1_with_the_reasons(city: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("lon,lat,category\n0,0,0102\n101,36.5,noise\n", encoding="utf-8")
    result = run("import", "findings", path, "--commit")
    assert result.exit_code == 1
    assert "nobody said what “noise” means" in result.stderr
    assert "None of the 2 rows can be taken" in result.stderr


def test_people_and_keys(city: Path) -> None:
    assert (
        run(
            "user", "add", "li", "--role", "supervisor", "--password-stdin", stdin="long enough 1\n"
        ).exit_code
        == 0
    )
    again = run("user", "add", "li", "--role", "supervisor", "--password-stdin", stdin="long enough 1\n")
    assert (again.exit_code, "user li already" in again.stderr) == (1, True)
    assert run("user", "add", "wang", "--role", "inspector", stdin="").exit_code == 2
    made = run("key", "add", "hotline", "--role", "inspector")
    key = made.stdout.splitlines()[-1]
    assert (made.exit_code, " " in key, len(key) > 30) == (0, False, True)


def test_short_lists(city: Path, tmp_path: Path) -> None:
    bureaus, rules = tmp_path / "bureaus.csv", tmp_path / "rules.csv"
    bureaus.write_text("code,name\nCG,城管局\n", encoding="utf-8")
    rules.write_text("code,category,area,bureau\nR-1,,,CG\nR-2,,,XX\n", encoding="utf-8")
    assert "new" in run("import", "bureaus", bureaus, "--commit").stdout
    result = run("import", "rules", rules, "--commit")
    assert (result.exit_code, "row 2: There is no bureau with the code XX" in result.stdout) == (0, True)


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".csv", ".xlsx", ".zip"])
def test_exports_by_ending(city: Path, reports: Path, tmp_path: Path, ending: str) -> None:
    run("import", "findings", reports, "--map", "category=kind", "--commit")
    for what, count in (("findings", 2), ("areas", 2)):
        result = run("export", what, tmp_path / f"{what}{ending}")
        assert (result.exit_code, f"{count} {what} are in" in result.stdout) == (0, True)
        assert (tmp_path / f"{what}{ending}").stat().st_size > 0


@pytest.mark.parametrize("ending", [".csv", ".geojson", ".gpkg", ".parquet", ".shp"])
def test_assign_keeps_every_row(reports: Path, squares: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out{ending}"
    result = run("assign", reports, squares, "--area-id", "code", "--out", out)
    assert result.exit_code == 0
    assert "3  rows" in result.stdout
    if ending == ".csv":
        rows = pd.read_csv(out, dtype=str, keep_default_na=False)
        assert list(rows["area_id"]) == ["A", "A", ""]
        assert list(rows["assignment"]) == ["inside", "border", "no_location"]
        assert list(rows.columns[:4]) == ["nr", "lng", "lat", "kind"]


def test_assign_to_stdout_is_only_the_table(reports: Path, squares: Path) -> None:
    result = run("assign", reports, squares, "--area-id", "code")
    assert result.stdout.splitlines()[0].startswith("nr,lng,lat,kind,area_id,assignment")
    assert "rows" in result.stderr


def test_assign_says_what_it_renamed_and_counts_what_it_does_not_tell(
    tmp_path: Path, squares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.assign_stream.MOST_PROBLEMS", 2)
    path, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    path.write_text("lon,lat,area_id\n101.2,36.5,old\na,1,\nb,1,\nc,1,\n,1,\n", encoding="utf-8")
    result = run("assign", path, squares, "--area-id", "code", "--out", out)
    assert result.exit_code == 0
    assert "a column area_id already: it is now called input_area_id" in result.stderr
    assert "row 3: b is not a number" in result.stderr
    assert "row 4" not in result.stderr
    assert "… and 2 more like these: 1 not_a_number, 1 empty_coordinate" in result.stderr
    assert out.read_text("utf-8").splitlines()[1] == "101.2,36.5,old,A,inside,False,,,"


def test_assign_refuses_with_a_sentence_and_no_file(tmp_path: Path, squares: Path, reports: Path) -> None:
    out = tmp_path / "out.csv"
    for words, reason in (
        (("--area-id", "name"), "no column name"),
        (("--area-id", "code", "--encoding", "nonsense"), "not nonsense"),
        (("--area-id", "code", "--x", "lng", "--y", "none"), "no column none"),
        (("--area-id", "code", "--crs", "EPSG:0"), "EPSG:0 is not known"),
    ):
        result = run("assign", reports, squares, *words, "--out", out)
        assert (result.exit_code, result.stdout, out.exists()) == (1, "", False)
        assert reason in result.stderr


def test_agreement_accounts_for_every_row(tmp_path: Path, squares: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(
        "lon,lat,ward,other\n101.2,36.5,A,B\n101.7,36.5,A,B\n0,0,A,B\n101.2,36.5,,B\n101.2,36.5,X,B\n",
        encoding="utf-8",
    )
    result = run("agreement", path, squares, "--area-id", "code", "--official", "ward", "other")
    assert result.exit_code == 0
    assert "ward: 33.3 % agree (1 of 3 rows that have a location and an official value)" in result.stdout
    assert "other: 25.0 % agree" in result.stdout
    counts = [int(line.split()[0]) for line in result.stdout.split("other:")[0].splitlines()[1:9]]
    assert (sum(counts[:-1]), counts[-1]) == (5, 5)
    assert run("agreement", path, squares, "--area-id", "code", "--official", "none").exit_code == 1


def test_serve_refuses_a_port_that_is_taken(city: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("serve", "--port", taken.getsockname()[1])
    assert (result.exit_code, "PORT=N make run" in result.stderr) == (1, True)


def test_serve_keeps_demo_passwords_on_this_machine(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casework.accounts.demo_cards", lambda _office: [object()])
    monkeypatch.setattr("commands.welcome.sign_in_lines", lambda _office: [])
    for host in ("0.0.0.0", "::", "example.org"):  # noqa: S104 - that it is refused is the point
        result = run("serve", "--host", host)
        assert (result.exit_code, "known to everybody" in result.stderr) == (1, True)


@pytest.mark.skipif(not SF.exists(), reason="San Francisco's files are not beside this repository")
def test_san_franciscos_own_files(instance: Path, tmp_path: Path) -> None:
    districts, neighborhoods = SF / "supervisor_districts_2012.geojson", SF / "neighborhoods_sffind.geojson"
    started = run(
        "init", "--city", "旧金山", "--name-en", "San Francisco", "--extent", districts,
        "--timezone", "America/Los_Angeles",
    )  # fmt: skip
    assert started.exit_code == 0
    first = run("import", "areas", districts, "--level", "district", "--commit")
    second = run("import", "areas", neighborhoods, "--level", "neighborhood", "--commit")
    assert ["new", "11"] in [line.split() for line in first.stdout.splitlines()]
    assert ["new", "117"] in [line.split() for line in second.stdout.splitlines()]
    assert "does not nest in district" in second.stdout
    for kind, file in (("categories", "more_categories"), ("bureaus", "bureaus"), ("rules", "rules")):
        assert run("import", kind, MAPS / f"{file}.csv", "--commit").exit_code == 0
    rejects = tmp_path / "rejects.csv"
    words = (
        "import", "findings", SF / "sf311.csv", "--x", "longitude", "--y", "latitude", "--id", "unique_key",
        "--map", "reported_at=created_date", "--map", "closed_at=closed_date", "--map", "place=incident_address",
        "--values", f"category={MAPS / 'categories.csv'}", "--values", f"status={MAPS / 'statuses.csv'}",
        "--rejects", rejects,
    )  # fmt: skip
    dry, done, again = run(*words), run(*words, "--commit"), run(*words, "--commit")
    assert dry.stdout.splitlines()[:-1] == done.stdout.splitlines()[:-1]
    assert [line.split() for line in done.stdout.splitlines()[2:7]] == [
        ["new", "5,736"], ["updated", "0"], ["unchanged", "0"], ["rejected", "4,264"], ["total", "10,000"],
    ]  # fmt: skip
    assert "unchanged   5,736" in again.stdout
    refused = pd.read_csv(rejects, dtype=str)
    assert len(refused) == 4264
    assert set(refused["reason"]) == {"no location: longitude and latitude are 0,0"}
    for areas, column, share in (
        (districts, "supervisor_district", "96.2"),
        (neighborhoods, "neighborhood", "89.3"),
    ):
        answer = run("agreement", SF / "sf311.csv", areas, "--area-id", "id", "--official", column)
        assert answer.stdout.startswith(f"{column}: {share} % agree")


def test_the_reference_of_commands_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "run: python -m tools.command_reference"


def test_serve_answers_and_ends_on_request(city: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", "from cli import main; main()", "serve", "--port", str(port), "--workers", "1"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == f"Baopian is at http://127.0.0.1:{port}\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.status == 200
    finally:
        server.terminate()
        rest, _ = server.communicate(timeout=60)
    assert "Traceback" not in rest
    assert server.returncode == 0
