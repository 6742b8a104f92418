"""A grid in a file, so that the next process need not build it.

The file is a magic word, a digest of all that follows, the length of a header, the header (JSON: what the grid
was built from, its frame, the arrays' names, types and shapes) and the arrays. The digest is checked before
anything is taken from the file, so damaged tables never answer.
"""

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.area_grid import AreaGrid
from geo.area_shapes import BLOCK_SHIFT, Frame, Shapes
from geo.area_tables import Tables
from geo.area_tree import AreaTree

FORMAT = f"baopian area grid 1, blocks of {1 << BLOCK_SHIFT}"

Arrays = dict[str, NDArray[Any]]

_MAGIC = b"baopian.grid\r\n\x1a\n"
_DIGEST, _LENGTH, _ALIGNED = 32, 8, 64
_TABLES = [field.name for field in fields(Tables) if field.name not in ("x", "y", "stores")]
_SHAPES = [field.name for field in fields(Shapes) if field.name != "stores"]


class StaleIndex(ValueError):
    """A file that holds no index of these areas; the message says why. Build the index anew."""


def fingerprint(polygons: NDArray[np.object_], rank: NDArray[np.int64]) -> str:
    """What an index depends on: the areas in their order, their ranks, and the format."""
    seen = hashlib.blake2b(FORMAT.encode(), digest_size=32)
    wkb = shapely.to_wkb(polygons, byte_order=1)
    seen.update(np.array([len(shape) for shape in wkb], dtype="<i8").tobytes())
    for shape in wkb:
        seen.update(shape)
    seen.update(rank.astype("<i8").tobytes())
    return seen.hexdigest()


def save(path: str | Path, built_from: str, grid: AreaGrid | None) -> None:
    """Write a grid (None: that there is none), or leave what is there untouched. Raises `OSError`."""
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + bytes(_DIGEST))
            seen = hashlib.blake2b(digest_size=_DIGEST)
            for part in _parts(built_from, grid):
                seen.update(part)
                file.write(part)
            file.seek(len(_MAGIC))
            file.write(seen.digest())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: str | Path, built_from: str, tree: AreaTree) -> AreaGrid | None:
    """The grid in a file (None when it was saved without one), for the polygons in `tree`. Raises `StaleIndex`."""
    try:
        data = memoryview(bytearray(Path(path).read_bytes()))  # arrays that may be written to, as when built
    except OSError as error:
        raise StaleIndex(f"no index can be read: {error}") from error
    start = len(_MAGIC) + _DIGEST
    if bytes(data[: len(_MAGIC)]) != _MAGIC:
        raise StaleIndex(f"{path} is no index")
    if hashlib.blake2b(data[start:], digest_size=_DIGEST).digest() != bytes(data[len(_MAGIC) : start]):
        raise StaleIndex(f"{path} is damaged")
    try:
        length = int.from_bytes(data[start : start + _LENGTH], "little")
        header = json.loads(bytes(data[start + _LENGTH : start + _LENGTH + length]))
        if header["built_from"] == built_from:
            return _grid(header, _arrays(data, header["arrays"], start + _LENGTH + length), tree)
    except (ValueError, KeyError, TypeError) as error:
        raise StaleIndex(f"{path} holds something else: {error}") from error
    raise StaleIndex(f"{path} was built from other areas, with other ranks or by another version")


def _grid(header: dict[str, Any], arrays: Arrays, tree: AreaTree) -> AreaGrid | None:
    if header["frame"] is None:
        return None
    shapes = Shapes(**{name: arrays[f"shapes.{name}"] for name in _SHAPES}, stores={})
    tables = {name: arrays[f"tables.{name}"] for name in _TABLES}
    return AreaGrid(
        Frame(**header["frame"]), shapes, tree, Tables(**tables, x=shapes.x, y=shapes.y, stores={})
    )


def _parts(built_from: str, grid: AreaGrid | None) -> Iterator[bytes | memoryview]:
    """What stands behind the digest."""
    arrays: Arrays = {}
    if grid is not None:
        tables, shapes = grid.tables, grid.shapes
        arrays |= {f"tables.{name}": np.ascontiguousarray(getattr(tables, name)) for name in _TABLES}
        arrays |= {f"shapes.{name}": np.ascontiguousarray(getattr(shapes, name)) for name in _SHAPES}
    header = {
        "built_from": built_from,
        "frame": asdict(grid.frame) if grid is not None else None,
        "arrays": [(name, values.dtype.str, values.shape) for name, values in arrays.items()],
    }
    text = json.dumps(header).encode()
    text += b" " * (-(len(_MAGIC) + _DIGEST + _LENGTH + len(text)) % _ALIGNED)
    yield len(text).to_bytes(_LENGTH, "little") + text
    for values in arrays.values():
        if values.size:
            yield values.reshape(-1).view(np.uint8).data
        yield bytes(-values.nbytes % _ALIGNED)


def _arrays(data: memoryview, listed: list[tuple[str, str, list[int]]], at: int) -> Arrays:
    arrays = {}
    for name, kind, shape in listed:
        values = np.frombuffer(data, dtype=np.dtype(kind), count=math.prod(shape), offset=at)
        arrays[name] = values.reshape(shape)
        at += values.nbytes + (-values.nbytes % _ALIGNED)
    return arrays
