"""Names of levels: as given, the usual ones, or the code."""

import pytest

from casework.level_names import level_names


@pytest.mark.parametrize(
    ("code", "given", "names"),
    [
        ("district", None, ("区", "District")),
        ("Patch", None, ("片区", "Patch")),
        ("L7", None, ("L7", "L7")),
        ("patch", "责任片区/Responsibility patch", ("责任片区", "Responsibility patch")),
        ("patch", "责任区", ("责任区", "责任区")),
    ],
)
def test_names(code: str, given: str | None, names: tuple[str, str]) -> None:
    assert level_names(code, given) == names
