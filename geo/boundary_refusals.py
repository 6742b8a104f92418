"""Why an edit of borders is not made. Whoever shows it makes the text, from the kind and the data."""

from enum import StrEnum


class Refusal(StrEnum):
    """What is in the way; in brackets, what `EditRefused.data` holds."""

    NO_SUCH_AREA = "no_such_area"
    """There is no area at that position (position)."""
    NO_SUCH_VERTEX = "no_such_vertex"
    """No area has a vertex there (lon, lat)."""
    NO_SUCH_EDGE = "no_such_edge"
    """No area has an edge between these two vertices."""
    BAD_SHAPE = "bad_shape"
    """What was drawn is not a shape that can be used: empty, not numbers, not on Earth."""
    INVALID = "invalid"
    """The area would be no valid polygon (position, reason, lon, lat)."""
    TOO_FEW_VERTICES = "too_few_vertices"
    """A ring needs three vertices (position)."""
    OVERLAP = "overlap"
    """It would cover other areas (positions, area_m2)."""
    GAP = "gap"
    """It would leave a gap (positions, area_m2)."""
    SPILL = "spill"
    """It would leave its parent (positions, area_m2)."""
    SLIVER = "sliver"
    """It would leave something thinner than a metre (positions, area_m2)."""
    T_JUNCTION = "t_junction"
    """Neighbours would no longer have the same vertices (positions)."""
    NOT_CUT_THROUGH = "not_cut_through"
    """The line does not cut the area in two: it must cross its border twice (crossings)."""
    NOT_NEIGHBOURS = "not_neighbours"
    """The areas do not share a border (positions)."""
    ONLY_A_POINT = "only_a_point"
    """The areas touch at a point only (positions)."""
    NOTHING_THERE = "nothing_there"
    """What was drawn lies outside the area or the parent, or others cover all of it."""
    NOTHING_LEFT = "nothing_left"
    """Nothing would be left of an area (position)."""


class EditRefused(ValueError):
    """An edit that was not made: nothing has changed. ``kind`` and ``data`` say why."""

    def __init__(self, kind: Refusal, **data: object) -> None:
        super().__init__(f"{kind.value}: {data}" if data else kind.value)
        self.kind, self.data = kind, data
