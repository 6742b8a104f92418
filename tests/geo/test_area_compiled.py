"""numba serves where it is, and nobody notices where it is not. What differs between processes runs in one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geo import area_compiled, area_kernels_numpy

ROOT = Path(__file__).resolve().parents[2]

ASK = """
import sys
import numpy as np, shapely
import geo.assignment as a
from geo import area_compiled, area_kernels_numpy
early = "numba" in sys.modules
way = area_compiled.start()
index = a.AreaIndex.build([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
index.settle(256, way)
print(early, way is area_kernels_numpy, index.locate([0.5, 1.0, 1.5, 9.0], [0.5, 0.5, 0.25, 0.5]).tolist())
"""


def asked(root: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_numba_is_not_imported_before_it_is_wanted() -> None:
    pytest.importorskip("numba")
    assert asked(BAOPIAN_HIDE_NUMBA="") == "False False [0, 0, 1, -1]"


def test_hidden_numba_leaves_the_same_answers() -> None:
    assert asked(BAOPIAN_HIDE_NUMBA="1") == "False True [0, 0, 1, -1]"


def test_missing_numba_leaves_the_same_answers(tmp_path: Path) -> None:
    (tmp_path / "numba.py").write_text("raise ImportError('there is no numba')")
    assert asked(PYTHONPATH=str(tmp_path)).endswith("True [0, 0, 1, -1]")


def test_folders_that_cannot_be_written_to_do_no_harm(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    shutil.copytree(ROOT / "geo", tmp_path / "geo", ignore=shutil.ignore_patterns("__pycache__"))
    # A file where the folder of the cache would be, both beside the code and at home: not even root can write there.
    (tmp_path / "geo" / "__pycache__").write_text("")
    (tmp_path / "home").write_text("")
    home = str(tmp_path / "home")
    answer = asked(tmp_path, HOME=home, XDG_CACHE_HOME=home, BAOPIAN_HIDE_NUMBA="", PYTHONPATH=str(tmp_path))
    assert answer == "False False [0, 0, 1, -1]"


def test_only_much_work_starts_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAOPIAN_HIDE_NUMBA", raising=False)
    monkeypatch.setattr(area_compiled._State, "compiled", None)
    monkeypatch.setattr(area_compiled._State, "missing", False)
    monkeypatch.setattr(area_compiled._State, "answered", 0)
    area_compiled.expect(1000)
    assert area_compiled.kernels() is area_kernels_numpy
    assert area_compiled.will_compile(area_compiled.WORTH_POINTS)
    monkeypatch.setenv("BAOPIAN_HIDE_NUMBA", "1")
    assert not area_compiled.will_compile(area_compiled.WORTH_POINTS)
    assert area_compiled.start() is area_kernels_numpy
