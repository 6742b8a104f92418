"""Which inner loops answer: numba's when there is enough work to repay its start, numpy's until then."""

import os
import threading
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from geo import area_kernels_numpy
from geo.area_shapes import Floats, Frame, Ints
from geo.area_tables import Codes, Status, Tables

WORTH_POINTS = 10_000_000
"""Points answered by this process from which on numba's import and cache (0.3 s) are worth it."""


class Kernels(Protocol):
    """The inner loops; `geo.area_kernels_numpy` says what they do."""

    def lookup(self, frame: Frame, tables: Tables, x: Floats, y: Floats) -> tuple[Codes, Ints]:
        """Codes and keys."""

    def winners(self, frame: Frame, tables: Tables, x: Floats, y: Floats, codes: Codes, keys: Ints) -> Ints:
        """Codes become winners."""

    def statuses(
        self, frame: Frame, tables: Tables, x: Floats, y: Floats, keys: Ints
    ) -> tuple[Ints, Ints, Status]:
        """How points lie to candidates."""

    def near_edges(
        self, frame: Frame, tables: Tables, x: Floats, y: Floats, dx: Floats, dy: float, but: Codes
    ) -> tuple[Ints, Ints, Ints] | None:
        """Which edges are near points."""


class _State:
    lock = threading.Lock()
    answered = 0
    compiled: Kernels | None = None
    missing = False


def kernels() -> Kernels:
    """The loops to answer with now."""
    return area_kernels_numpy if _State.compiled is None or hidden() else _State.compiled


def expect(points: int) -> None:
    """So many more points are about to be asked for: see to it that the right loops are there."""
    if will_compile(points) and _State.compiled is None:
        start()
    _State.answered += points


def will_compile(points: int) -> bool:
    """Whether so many more points will be answered by numba's loops."""
    if hidden() or _State.missing:
        return False
    return _State.compiled is not None or _State.answered + points >= WORTH_POINTS


def start() -> Kernels:
    """The loops of numba, imported and compiled now; numpy's where numba is missing, hidden or does not work."""
    with _State.lock:
        if _State.compiled is None and not _State.missing and not hidden():
            try:
                found = cast(Kernels, import_module("geo.area_kernels"))
                _tried(found)
                _State.compiled = found
            except (ImportError, OSError, RuntimeError, ValueError, TypeError, EOFError):
                _State.missing = True  # numba's own errors are among these; the floor answers the same
    return (_State.compiled if not hidden() else None) or area_kernels_numpy


def hidden() -> bool:
    """Whether the environment says to do without numba."""
    return bool(os.environ.get("BAOPIAN_HIDE_NUMBA"))


def _tried(found: Kernels) -> None:
    """Let numba compile each function, or fetch it from its cache, for the arrays that there will be."""
    frame = Frame(0.0, 0.0, 1.0, 1.0, 32)
    none, zero, x = np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int32), np.zeros(1)
    tables = Tables(
        top=zero, code=np.zeros((1, 1024), dtype=np.int32), base=none, cell_first=zero, area=none,
        inside=none.astype(np.uint8), edge_first=zero, edge=none, set_first=zero, set_area=none,
        winner=np.full(1, -1, dtype=np.int32), x=x, y=x, stores={},
    )  # fmt: skip
    codes, keys = found.lookup(frame, tables, x, x)
    found.statuses(frame, tables, x, x, keys)
    found.winners(frame, tables, x, x, codes, keys)
    found.near_edges(frame, tables, x, x, x, 0.0, codes)


if __name__ == "__main__":
    start()
