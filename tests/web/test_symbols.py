"""The status symbols of server-made pages and those of the scripts are one geometry."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (ROOT / "templates" / "_symbols.html").read_text(encoding="utf-8")
SCRIPT = (ROOT / "web" / "static" / "js" / "symbols.js").read_text(encoding="utf-8")


def test_paths_are_the_same_in_templates_and_scripts() -> None:
    in_template = set(re.findall(r'\bd="([^"]+)"', TEMPLATE))
    parts = SCRIPT[SCRIPT.index("const PARTS") : SCRIPT.index("function svgElement")]
    in_script = set(re.findall(r"'([Mm][\d .A-Za-z-]+)'", parts))
    assert in_template == in_script
    assert len(in_template) == 6


def test_circles_are_the_same_in_templates_and_scripts() -> None:
    in_template = set(re.findall(r'cx="8" cy="([\d.]+)" r="([\d.]+)"', TEMPLATE))
    in_script = {(cy, r.lstrip("0")) for cy, r in re.findall(r"cx: 8, cy: ([\d.]+), r: ([\d.]+)", SCRIPT)}
    assert in_template == in_script
    assert len(in_template) == 4
