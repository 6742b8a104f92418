"""What is done to the front-end libraries on their way to web/static/vendor."""

from pathlib import Path

import pytest

from tools import vendor


@pytest.mark.parametrize(
    ("text", "served"),
    [
        ("let a = 1;\n//# sourceMappingURL=a.js.map\n", "let a = 1;\n"),
        ("let a = 1;//# sourceMappingURL=a.js.map", "let a = 1;\n"),
        ("a{b:c}\n/*# sourceMappingURL=a.css.map */\n", "a{b:c}\n"),
        ("let s = '//# sourceMappingURL=' + name;\n", "let s = '//# sourceMappingURL=' + name;\n"),
    ],
)
def test_the_name_of_a_source_map_is_dropped(text: str, served: str) -> None:
    assert vendor.without_source_map(text) == served


def test_an_icon_becomes_a_symbol() -> None:
    svg = '<!-- licence -->\n<svg\n  class="lucide"\n  width="24"\n>\n  <path d="M1 1" />\n</svg>\n'
    assert vendor.symbol("x", svg) == '<symbol id="x" viewBox="0 0 24 24"><path d="M1 1" /></symbol>'


def test_a_folder_and_a_file_are_placed(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b"\x89PNG")
    vendor.place(tmp_path / "images", tmp_path / "out" / "images")
    assert (tmp_path / "out" / "images" / "a.png").read_bytes() == b"\x89PNG"


def test_the_served_files_are_the_ones_that_the_pages_are_promised() -> None:
    served = {place for files in vendor.FILES.values() for place in files.values()}
    promised = {
        "leaflet/leaflet.js",
        "leaflet/images",
        "geoman/leaflet-geoman.js",
        "bootstrap/bootstrap.min.css",
    }
    assert promised | {"htmx/htmx.min.js", "echarts/echarts.min.js", "axe/axe.min.js"} <= served
