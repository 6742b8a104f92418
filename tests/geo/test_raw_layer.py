import shapely

from geo.raw_layer import RawLayer


def test_columns_appear_as_they_come_and_stay_as_long_as_the_rows() -> None:
    raw = RawLayer()
    assert raw.add(None, {"a": 1}) == 1
    assert raw.add(shapely.Point(1, 2), {"b": 2}) == 2
    assert raw.add(None, {}) == 3
    assert raw.columns == {"a": [1, None, None], "b": [None, 2, None]}


def test_a_refusal_is_a_problem_of_its_row() -> None:
    raw = RawLayer()
    raw.refuse(raw.add(None, {}), "short_line", "geometry")
    assert raw.refused == {1}
    assert (raw.problems[0].feature, raw.problems[0].code) == (1, "short_line")
