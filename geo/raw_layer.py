"""A layer as it stands in a file, before its coordinates mean anything."""

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

from geo.problems import Problem, problem


@dataclass
class RawLayer:
    """Rows, geometries and what the file says of itself.

    `columns` are lists of one length with `geometries`; a geometry is None where there is none or where it was
    `refused` (feature numbers from 1, each with a problem). `crs` is what the file states, None when nothing;
    `crs_by_format` when the format itself means longitude and latitude. `samples` shows pieces of its text in each
    encoding that it could be in, where nothing settles that.
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    geometries: list[BaseGeometry | None] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    crs: str | None = None
    crs_by_format: bool = False
    encoding: str | None = None
    layer: str | None = None
    samples: dict[str, str] = field(default_factory=dict)

    def add(self, geometry: BaseGeometry | None, values: dict[str, Any]) -> int:
        """Append a row and return its number; columns appear as they come."""
        n = len(self.geometries)
        for name, value in values.items():
            column = self.columns.setdefault(name, [None] * n)
            if len(column) == n:
                column.append(value)
        self.geometries.append(geometry)
        for column in self.columns.values():
            if len(column) == n:
                column.append(None)
        return n + 1

    def refuse(self, number: int, code: str, column: str | None = None, **params: Any) -> None:
        """Say why a row's geometry is not used."""
        self.refused.add(number)
        self.problems.append(problem(code, number, column, **params))
