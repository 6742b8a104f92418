"""Two patches of a made-up town, and files written by hand."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely


@pytest.fixture
def west() -> shapely.Polygon:
    """The western of two patches that share the meridian 101.80; 0.01 degrees wide and high."""
    return shapely.box(101.79, 36.60, 101.80, 36.61)


@pytest.fixture
def east() -> shapely.Polygon:
    return shapely.box(101.80, 36.60, 101.81, 36.61)


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str, Any], Path]:
    """Write a text, bytes or JSON under a name and give its path."""

    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str | bytes):
            content = json.dumps(content, ensure_ascii=False)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture(params=["fiona", "pyogrio"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test once with fiona and once with it hidden."""
    if request.param == "pyogrio":
        monkeypatch.setenv("BAOPIAN_HIDE_FIONA", "1")
    elif os.environ.get("BAOPIAN_HIDE_FIONA"):
        pytest.skip("fiona is hidden")
    else:
        pytest.importorskip("fiona")
    return str(request.param)
