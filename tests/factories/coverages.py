"""Coverages for property tests: wiggly areas with enclaves, islands and touching corners, sound or with faults."""

from dataclasses import dataclass

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from tests.factories.wiggly import districts, wiggly


@dataclass
class Town:
    """Areas of a level, their parents, and the parent of each."""

    areas: list[BaseGeometry | None]
    parents: list[BaseGeometry]
    parent_of: list[int]


@st.composite
def sound_towns(draw: st.DrawFn, most: int = 12) -> Town:
    """Two to `most` areas that tile a square of 100 m to 10 km without a fault, in one to three districts.

    Some have an enclave, some two parts that lie apart.
    """
    seed = draw(st.integers(0, 10_000))
    size = draw(st.sampled_from([0.001, 0.01, 0.1]))
    areas: list[BaseGeometry | None] = list(
        wiggly(
            draw(st.integers(2, most)),
            draw(st.integers(6, 48)),
            seed=seed,
            size=size,
            wiggle=draw(st.sampled_from([0.0, 0.1, 0.2])),
        )
    )
    if draw(st.booleans()):
        with_enclave(areas, draw(st.integers(0, len(areas) - 1)))
    if draw(st.booleans()):
        in_two_parts(areas, draw(st.integers(0, len(areas) - 1)), draw(st.integers(0, len(areas) - 1)))
    there = [area for area in areas if area is not None]
    parents, parent_of = districts(there, draw(st.integers(1, 3)))
    return Town(list(there), parents, parent_of)


def with_enclave(areas: list[BaseGeometry | None], position: int) -> None:
    """Put a new area into the middle of one."""
    around = areas[position]
    if around is None or around.geom_type != "Polygon":
        return
    middle = around.representative_point()
    reach = middle.distance(around.boundary) * 0.6
    enclave = shapely.transform(middle.buffer(reach, quad_segs=3), lambda xy: np.round(xy, 7))
    shell, *holes = shapely.get_rings(around)
    areas[position] = shapely.Polygon(shell, [*holes, enclave.exterior])
    areas.append(enclave)


def in_two_parts(areas: list[BaseGeometry | None], one: int, other: int) -> None:
    """Make one area of two that do not touch (or touch at a corner only)."""
    first, second = areas[one], areas[other]
    if one == other or first is None or second is None:
        return
    both = shapely.MultiPolygon([*shapely.get_parts(first), *shapely.get_parts(second)])
    if both.is_valid:
        areas[one], areas[other] = both, None


@st.composite
def disturbed(draw: st.DrawFn, area: BaseGeometry) -> BaseGeometry:
    """The area with one vertex (or all) moved by a step up to some metres, or a vertex less or more."""
    first, *rest = shapely.get_parts(area)
    shell, *holes = shapely.get_rings(first)
    points = shapely.get_coordinates(shell)[:-1].copy()
    at = draw(st.integers(0, len(points) - 1))
    far = st.sampled_from([1, 2, 5, 40, 300, 2000]).flatmap(lambda steps: st.integers(-steps, steps))
    shift = np.array([draw(far), draw(far)]) * 1e-7
    how = draw(st.sampled_from(["move", "move", "all", "less", "more"]))
    if how == "move":
        points[at] += shift
    elif how == "all":
        points += shift
    elif how == "less" and len(points) > 3:
        points = np.delete(points, at, axis=0)
    elif how == "more":
        points = np.insert(points, at, (points[at] + points[at - 1]) / 2 + shift, axis=0)
    parts = [shapely.Polygon(np.round(points, 7), holes), *rest]
    return parts[0] if area.geom_type == "Polygon" else shapely.MultiPolygon(parts)
