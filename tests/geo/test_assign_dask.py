import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geo import assign_dask
from geo.assign_stream import Hands, Points, Summary, assign_file
from geo.problems import UnreadableFile
from tests.geo.geojson import Save, collection, feature, square
from tests.test_repository import ROOT

pytest.importorskip("distributed")


class Cluster:
    """A scheduler and a worker as processes of their own, as `dask scheduler` and `dask worker` start them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        scheduler = self._start(
            "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        )
        self.address = self._said(scheduler, r"Scheduler at:\s+(tcp://\S+)")

    def add_worker(self, path: Path | None = ROOT) -> subprocess.Popen[str]:
        """A worker that can import what lies in `path`."""
        worker = self._start(
            "distributed.cli.dask_worker",
            self.address,
            "--nthreads",
            "2",
            "--no-nanny",
            "--no-dashboard",
            path=path,
        )
        self._said(worker, r"Registered to:\s+(tcp)")
        return worker

    def _start(self, module: str, *words: str, path: Path | None = None) -> subprocess.Popen[str]:
        environ = {**os.environ, "PYTHONPATH": str(path or ""), "PYTHONSAFEPATH": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=self.folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def _said(self, process: subprocess.Popen[str], pattern: str) -> str:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(f"{process.args!r} ended without saying {pattern}")

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.communicate()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    yield running
    running.close()


@pytest.fixture
def areas(save: Save) -> Path:
    return save(
        "areas.geojson", collection(feature(square(101.81), id="2"), feature(square(101.80), id="10"))
    )


@pytest.fixture
def rows(save: Save) -> Path:
    lines = [f"{i:04d},{101.795 + i / 100_000:.6f},36.605" for i in range(3000)]
    return save("rows.csv", "\n".join(["nr,lon,lat", *lines, "last,abc,1\n"]))


def done(rows: Path, areas: Path, out: Path, address: str | None, **more: Any) -> Summary:
    return assign_file(
        Points(rows), areas, "id", out, hands=Hands(dask=address, block_bytes=5000), **more
    )  # fmt: skip


def test_a_cluster_writes_the_same_file(tmp_path: Path, cluster: Cluster, areas: Path, rows: Path) -> None:
    cluster.add_worker()
    cluster.add_worker()
    alone = done(rows, areas, tmp_path / "alone.csv", None)
    together = done(rows, areas, tmp_path / "together.csv", cluster.address)
    assert (tmp_path / "alone.csv").read_bytes() == (tmp_path / "together.csv").read_bytes()
    assert alone == together


def test_workers_that_lack_the_program_are_named(
    tmp_path: Path, cluster: Cluster, areas: Path, rows: Path
) -> None:
    cluster.add_worker(path=None)
    with pytest.raises(UnreadableFile, match="do not have this program"):
        done(rows, areas, tmp_path / "out.csv", cluster.address)
    assert not (tmp_path / "out.csv").exists()


def test_a_cluster_without_workers_and_one_that_is_not_there(
    tmp_path: Path, cluster: Cluster, areas: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assign_dask, "TIMEOUT_S", 6.0)
    with pytest.raises(UnreadableFile, match="has no worker"):
        done(rows, areas, tmp_path / "out.csv", cluster.address)
    started = time.monotonic()
    for address in ("tcp://127.0.0.1:1", "nonsense://here", ""):
        with pytest.raises(UnreadableFile, match="No dask scheduler answers"):
            done(rows, areas, tmp_path / "out.csv", address)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("who", ["worker", "scheduler"])
def test_a_cluster_that_dies_is_told_and_nothing_written(
    tmp_path: Path, cluster: Cluster, areas: Path, rows: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    monkeypatch.setattr(assign_dask, "TIMEOUT_S", 12.0)
    worker = cluster.add_worker()
    victim = worker if who == "worker" else cluster.processes[0]
    calls = 0

    def kill_late(_done: int, _total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 20:
            victim.send_signal(signal.SIGKILL)
            victim.wait()

    with pytest.raises(UnreadableFile, match="stopped working"):
        done(rows, areas, tmp_path / "out.csv", cluster.address, progress=kill_late)
    assert not (tmp_path / "out.csv").exists()


def test_without_the_package_it_says_what_to_install(
    tmp_path: Path, areas: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnreadableFile, match="pip install distributed"):
        done(rows, areas, tmp_path / "out.csv", "tcp://127.0.0.1:1")
