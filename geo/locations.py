"""What a location means: the words, one answer, and many answers kept as arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Kind(StrEnum):
    """How a location lies to the areas of one level; the words of `CONTRACT.md`."""

    INSIDE = "inside"
    BORDER = "border"
    OVERLAP = "overlap"
    OUTSIDE = "outside"
    NO_LOCATION = "no_location"


@dataclass(frozen=True, slots=True)
class Location:
    """Where one point lies.

    `position` is the winning area (-1 where none). `near_border`: another area than the winner is within the
    asked metres (for a point outside: any area). `candidates` are (position, distance_m), nearest first,
    covering ones at 0 m; empty where the answer needs no second look. `nearest`, `nearest_m` only for points
    outside every area (-1 and None otherwise).
    """

    position: int
    kind: Kind
    near_border: bool
    candidates: tuple[tuple[int, float], ...]
    nearest: int
    nearest_m: float | None

    @property
    def needs_triage(self) -> bool:
        """Whether a person should look: border, overlap, outside or near a border."""
        return self.near_border or self.kind in (Kind.BORDER, Kind.OVERLAP, Kind.OUTSIDE)


@dataclass(frozen=True)
class Locations:
    """Where many points lie, as arrays of one length; `locations[i]` is one `Location`.

    `candidate_point`, `candidate_area`, `candidate_m` are the candidate pairs, sorted by point, distance and
    precedence. `nearest_m` is NaN where `nearest` is -1.
    """

    position: NDArray[np.int32]
    kind: NDArray[np.object_]
    near_border: NDArray[np.bool_]
    nearest: NDArray[np.int32]
    nearest_m: NDArray[np.float64]
    candidate_point: NDArray[np.int64]
    candidate_area: NDArray[np.int64]
    candidate_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.position)

    def __getitem__(self, i: int) -> Location:
        i = range(len(self))[i]
        nearest = int(self.nearest[i])
        return Location(
            position=int(self.position[i]),
            kind=self.kind[i],
            near_border=bool(self.near_border[i]),
            candidates=self.candidates(i),
            nearest=nearest,
            nearest_m=float(self.nearest_m[i]) if nearest >= 0 else None,
        )

    def __iter__(self) -> Iterator[Location]:
        return (self[i] for i in range(len(self)))

    def candidates(self, i: int) -> tuple[tuple[int, float], ...]:
        """The (position, distance_m) pairs of point `i`, nearest first."""
        first, last = np.searchsorted(self.candidate_point, [i, i + 1])
        areas, metres = self.candidate_area[first:last].tolist(), self.candidate_m[first:last].tolist()
        return tuple(zip(areas, metres, strict=True))

    @property
    def needs_triage(self) -> NDArray[np.bool_]:
        """Which points a person should look at: border, overlap, outside or near a border."""
        odd = (self.kind != Kind.INSIDE) & (self.kind != Kind.NO_LOCATION)
        return np.asarray(self.near_border | odd, dtype=bool)


def joined(parts: Sequence[Locations]) -> Locations:
    """Answers for one stretch of points after the other as one."""
    first = np.cumsum([0, *(len(part) for part in parts)])
    empty = np.zeros(0)
    columns = {
        name: np.concatenate([empty.astype(kind), *(getattr(part, name) for part in parts)])
        for name, kind in _COLUMNS.items()
    }
    points = [part.candidate_point + start for part, start in zip(parts, first, strict=False)]
    columns["candidate_point"] = np.concatenate([empty.astype(np.int64), *points])
    return Locations(**columns)


_COLUMNS: dict[str, Any] = {
    "position": np.int32,
    "kind": object,
    "near_border": bool,
    "nearest": np.int32,
    "nearest_m": np.float64,
    "candidate_point": np.int64,
    "candidate_area": np.int64,
    "candidate_m": np.float64,
}
