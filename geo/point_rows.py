"""Rows of a file of points, a chunk at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geo.problems import Problem, problem
from geo.readers import read_points


@dataclass(frozen=True, slots=True)
class PointRow:
    """One row: its number (from 1), its values as text, where it is (WGS 84), or why it is nowhere."""

    number: int
    values: list[str]
    lon: float
    lat: float
    refused: Problem | None


class PointRows:
    """The rows of a file of points."""

    Chunk = list[PointRow]

    def __init__(
        self,
        names: list[str],
        total: int,
        problems: list[Problem],
        encoding: str | None,
        rows: list[PointRow],
    ) -> None:
        self.names, self.total, self.problems, self.encoding = names, total, problems, encoding
        self._rows = rows

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows in order."""
        for first in range(0, self.total, size):
            yield self._rows[first : first + size]


def open_points(
    path: Path,
    x: str | None,
    y: str | None,
    crs: str | None,
    datum: str | None,
    encoding: str | None,
    layer: str | None,
) -> PointRows:
    """Whole."""
    read = read_points(path, x, y, crs, datum, encoding, layer)
    refused = read.refused()
    rows = [
        PointRow(i, list(values), lon, lat, _why(refused[i]) if i in refused else None)
        for i, (values, lon, lat) in enumerate(
            zip(
                read.table.itertuples(index=False, name=None),
                read.lon.tolist(),
                read.lat.tolist(),
                strict=True,
            ),
            start=1,
        )
    ]
    return PointRows(
        [str(n) for n in read.table.columns],
        len(rows),
        [p for p in read.problems if p.feature is None],
        read.encoding,
        rows,
    )


def _why(problems: list[Problem]) -> Problem:
    return problems[0] if problems else problem("empty_coordinate")
