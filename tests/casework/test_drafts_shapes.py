"""What a browser may send as a shape: everything else is refused with whose it is, where, and nothing is stored."""

import contextlib
import json
import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from casework import drafts, drafts_shapes
from casework.drafts_shapes import BadShape
from casework.errors import CaseworkError, Refused
from casework.office import Office
from db.models import AreaDraft, AreaDraftShape
from tests.factories.drafts import SQUARES, DrawnCity, drawn_city, geojson

RING = [[101.0, 36.5], [101.02, 36.5], [101.02, 36.52], [101.0, 36.52], [101.0, 36.5]]
BOW_TIE = [[101.0, 36.5], [101.02, 36.52], [101.02, 36.5], [101.0, 36.52], [101.0, 36.5]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


SHAPES: dict[str, Any] = {
    "another type": {"type": "Point", "coordinates": [101, 36.5]},
    "a collection": {"type": "GeometryCollection", "geometries": []},
    "a line": {"type": "LineString", "coordinates": RING},
    "no type": {"coordinates": [RING]},
    "no coordinates": {"type": "Polygon"},
    "nothing in it": polygon(),
    "an empty ring": polygon([]),
    "two corners": polygon(RING[:2]),
    "one corner thrice": polygon([RING[0]] * 4),
    "numbers as text": polygon([["101", "36.5"], *RING[1:]]),
    "true for a number": polygon([[True, 36.5], *RING[1:]]),
    "not a number": polygon([[math.nan, 36.5], *RING[1:]]),
    "infinite": polygon([[math.inf, 36.5], *RING[1:]]),
    "not on Earth": polygon([[101, 3650], *RING[1:]]),
    "another city": polygon([[lon + 3, lat] for lon, lat in RING]),
    "a corner far away": polygon([RING[0], [101.02, 36.5], [101.02, 40.0], *RING[3:]]),
    "crosses itself": polygon(BOW_TIE),
    "hole outside": polygon(RING, [[101.03, 36.5], [101.035, 36.5], [101.035, 36.51], [101.03, 36.5]]),
    "no area": polygon([[101, 36.5], [101.01, 36.5], [101.02, 36.5], [101, 36.5]]),
    "thinner than the grid": polygon([[101, 36.5], [101.01, 36.5], [101.01, 36.5 + 1e-9], [101, 36.5]]),
    "text": "POLYGON EMPTY",
    "a number": 7,
    "a list": [RING],
    "rings too deep": polygon([RING]),
    "a parts list that is none": {"type": "MultiPolygon", "coordinates": 5},
}


@pytest.fixture
def city(sqlite_office: Office) -> DrawnCity:
    return drawn_city(sqlite_office)


def refused(city: DrawnCity, draft: int, changes: Any) -> CaseworkError:
    with pytest.raises(Refused) as error:
        drafts.save_shapes(city.office, city.supervisor, draft, 1, changes)
    with city.office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AreaDraftShape)) == 0
        assert session.get_one(AreaDraft, draft).revision == 1
    return error.value


@pytest.mark.parametrize("why", SHAPES)
def test_a_shape_that_is_none_is_refused(city: DrawnCity, why: str) -> None:
    error = refused(city, city.draft(), [{"key": city.key("P1"), "geometry": SHAPES[why]}])
    assert isinstance(error, BadShape)
    assert error.key == city.key("P1")


def test_where_a_border_crosses_itself_is_said(city: DrawnCity) -> None:
    error = refused(city, city.draft(), [{"key": city.key("P1"), "geometry": polygon(BOW_TIE)}])
    assert isinstance(error, BadShape)
    assert error.at == pytest.approx((101.01, 36.51))
    assert "101.01000, 36.51000" in str(error)


CHANGES: dict[str, Any] = {
    "no list": {"key": "a1"},
    "nothing": None,
    "no objects": [3],
    "no key": [{"geometry": None}],
    "a key of another kind": [{"key": "b12", "geometry": None}],
    "a key with a zero": [{"key": "a0", "geometry": None}],
    "an endless key": [{"key": "a" + "9" * 400, "geometry": None}],
    "an area that is not there": [{"key": "a999", "removed": True}],
    "an area of another level": [{"key": "a1", "removed": True}],
    "a new area without a shape": [{"key": "n1", "name_zh": "x"}],
    "a new area of another level": [{"key": "n1", "level": "street", "geometry": polygon(RING)}],
    "removed is no yes or no": [{"key": "a4", "removed": "yes"}],
    "a parent that is none": [{"key": "a4", "parent": 7}],
    "a parent of the same level": [{"key": "a4", "parent": "a5"}],
    "a parent that is not there": [{"key": "a4", "parent": "a99"}],
    "a name that is no text": [{"key": "a4", "name_zh": 3}],
    "a name without end": [{"key": "a4", "name_zh": "x" * 300}],
    "a null character": [{"key": "a4", "name_en": "a\x00b"}],
    "twice": [{"key": "a4", "removed": True}, {"key": "a4", "removed": False}],
}


@pytest.mark.parametrize("why", CHANGES)
def test_a_change_that_is_none_is_refused(city: DrawnCity, why: str) -> None:
    assert city.areas["P1"] == 4
    refused(city, city.draft(), CHANGES[why])


def test_shapes_and_changes_are_counted(city: DrawnCity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_shapes, "MOST_VERTICES", 100)
    turn = np.linspace(0, 2 * np.pi, 101)
    ring = np.column_stack([101.01 + 0.005 * np.cos(turn), 36.51 + 0.005 * np.sin(turn)]).tolist()
    draft = city.draft()
    error = refused(city, draft, [{"key": city.key("P1"), "geometry": polygon(ring)}])
    assert "100" in str(error)
    monkeypatch.setattr(drafts_shapes, "MOST_SHAPES", 2)
    refused(city, draft, [{"key": f"n{i}", "geometry": polygon(RING)} for i in range(1, 4)])


def test_corners_come_to_lie_on_the_grid_without_height(city: DrawnCity) -> None:
    draft = city.draft()
    rough = polygon([[lon + 1e-9, lat - 2e-9, 2261.5] for lon, lat in RING])
    drafts.save_shapes(city.office, city.supervisor, draft, 1, [{"key": city.key("P1"), "geometry": rough}])
    with city.office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AreaDraftShape)) == 0  # the same as in force
    hole = polygon(RING, [[101.005, 36.505], [101.01, 36.505], [101.01, 36.51], [101.005, 36.505]])
    drafts.save_shapes(city.office, city.supervisor, draft, 2, [{"key": city.key("P1"), "geometry": hole}])
    parts = {"type": "MultiPolygon", "coordinates": [geojson(SQUARES["P2"])["coordinates"]]}
    drafts.save_shapes(city.office, city.supervisor, draft, 3, [{"key": city.key("P2"), "geometry": parts}])
    with city.office.database.read() as session:
        [row] = session.scalars(select(AreaDraftShape).where(AreaDraftShape.code == "P1")).all()
    assert isinstance(row.geometry, shapely.Polygon)
    assert len(row.geometry.interiors) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
_FIELDS = st.sampled_from(["key", "geometry", "removed", "level", "code", "name_zh", "name_en", "parent"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.dictionaries(_FIELDS, _JSON, max_size=5)
        | st.fixed_dictionaries(
            {
                "key": st.sampled_from(["a4", "a5", "n1", "n2", "a1"]),
                "geometry": st.fixed_dictionaries(
                    {"type": st.sampled_from(["Polygon", "MultiPolygon"]), "coordinates": _JSON}
                ),
            }
        ),
        max_size=3,
    )
)
def test_whatever_is_sent_is_taken_or_refused(sqlite_office: Office, changes: Any) -> None:
    city = _city(sqlite_office)
    draft = city.draft()
    with contextlib.suppress(CaseworkError):
        drafts.save_shapes(sqlite_office, city.supervisor, draft, 1, changes)
    drafts.discard(sqlite_office, city.supervisor, draft, None)


_made: dict[str, DrawnCity] = {}


def _city(office: Office) -> DrawnCity:
    if office.database.url not in _made:
        _made[office.database.url] = drawn_city(office)
    return _made[office.database.url]


def test_a_geometry_survives_the_way_there_and_back() -> None:
    """Every digit of the grid: shared corners are equal numbers."""
    shape = shapely.Polygon([(101.0000001, 36.5000003), (101.0199999, 36.5), (101.0123457, 36.5212345)])
    read = drafts_shapes.read_geometry("a1", json.loads(shapely.to_geojson(shape)))
    assert shapely.equals_exact(read.normalize(), shape.normalize())
