"""The tables of a grid: what each cell says of the points in it.

They only grow: blocks that are built, or built anew, are written behind what is there, and the new tables are
other views of the same memory. Whoever holds the old tables never sees a difference.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from geo.area_raster import Piece
from geo.area_shapes import BLOCK, Floats, Frame, Shapes, Store

Codes = NDArray[np.int32]
Status = NDArray[np.uint8]

NOT_BUILT = int(np.iinfo(np.int32).min)
LOW = 0xFFFFFFFF
"""The part of a key that is the point; the rest is the boundary cell's number."""
OUT, IN, BORDER, DOUBT = 0, 1, 2, 3
"""How a point lies to a candidate: not covered, in its interior, surely on its edge, or left to GEOS."""


@dataclass(frozen=True)
class Tables:
    """Immutable tables of cells; `Piece` says what most of them are.

    `top[block]` is the block's row in `code`, 0 where it is not built: row 0 says so for every cell.
    `winner[code]` is the first of a code's areas, -1 for code 0. `x`, `y` are the vertices.
    """

    top: Codes
    code: Codes
    base: Codes
    cell_first: Codes
    area: Codes
    inside: NDArray[np.uint8]
    edge_first: Codes
    edge: Codes
    set_first: Codes
    set_area: Codes
    winner: Codes
    x: Floats
    y: Floats
    stores: dict[str, Store]

    @classmethod
    def empty(cls, frame: Frame, shapes: Shapes) -> Self:
        """Tables in which no block is built."""
        zero = np.zeros(1, dtype=np.int32)
        none = np.zeros(0, dtype=np.int32)
        return cls(
            top=np.zeros(frame.blocks**2, dtype=np.int32),
            code=np.full((1, BLOCK * BLOCK), NOT_BUILT, dtype=np.int32),
            base=none,
            cell_first=zero,
            area=none,
            inside=none.astype(np.uint8),
            edge_first=zero,
            edge=none,
            set_first=zero,
            set_area=none,
            winner=np.arange(-1, len(shapes), dtype=np.int32),
            x=shapes.x,
            y=shapes.y,
            stores={},
        )

    @property
    def nbytes(self) -> int:
        """Bytes of all tables, without the room that they may still grow into."""
        return sum(getattr(self, field.name).nbytes for field in fields(self) if field.name != "stores")

    @property
    def areas(self) -> int:
        """How many areas there are: codes above are sets."""
        return len(self.winner) - len(self.set_first)

    def size(self) -> NDArray[np.int64]:
        """How many areas each code stands for."""
        single = np.ones(self.areas + 1, dtype=np.int64)
        single[0] = 0
        return np.concatenate([single, np.diff(self.set_first)])

    def built(self) -> NDArray[np.bool_]:
        """Which blocks are built."""
        return np.asarray(self.top > 0)

    def with_pieces(self, pieces: list[Piece], shapes: Shapes) -> "Tables":
        """These tables with the pieces' blocks as the pieces have them. `shapes` is what they were built from."""
        n = len(shapes)
        top = self.top.copy()
        added: dict[str, list[NDArray[Any]]] = {name: [] for name in _GROWING}
        slots, cells, candidates = len(self.code), len(self.base), len(self.area)
        edges, sets, members = len(self.edge), len(self.set_first) - 1, len(self.set_area)
        for piece in pieces:
            top[piece.blocks] = slots + np.arange(len(piece.blocks), dtype=np.int32)
            added["code"].append(_moved(piece.code, cells, n, sets))
            added["base"].append(_moved(piece.base, cells, n, sets))
            added["cell_first"].append(piece.cell_first[1:] + np.int32(candidates))
            added["area"].append(piece.area)
            added["inside"].append(piece.inside)
            added["edge_first"].append(piece.edge_first[1:] + np.int32(edges))
            added["edge"].append(piece.edge)
            added["set_first"].append(piece.set_first[1:] + np.int32(members))
            added["set_area"].append(piece.set_area)
            added["winner"].append(piece.set_area[piece.set_first[:-1]])
            slots, cells, candidates = (
                slots + len(piece.code),
                cells + len(piece.base),
                candidates + len(piece.area),
            )
            edges, members = edges + len(piece.edge), members + len(piece.set_area)
            sets += len(piece.set_first) - 1
        stores, arrays = {}, {}
        for name in _GROWING:
            stores[name], arrays[name] = self._grown(name, added[name])
        return Tables(top=top, **arrays, x=shapes.x, y=shapes.y, stores=stores)

    def _grown(self, name: str, parts: list[NDArray[Any]]) -> tuple[Store, NDArray[Any]]:
        values = getattr(self, name)
        more = sum(map(len, parts))
        store = self.stores.get(name) or Store(values, more)
        for part in parts:
            store, values = store.extended(len(values), part)
        return store, values


_GROWING = (
    "code", "base", "cell_first", "area", "inside", "edge_first", "edge", "set_first", "set_area", "winner",
)  # fmt: skip


def _moved(code: Codes, cells: int, n: int, sets: int) -> Codes:
    """Codes of a piece when `cells` boundary cells and `sets` sets come before its own."""
    return np.where(code < 0, code - np.int32(cells), np.where(code > n, code + np.int32(sets), code))
