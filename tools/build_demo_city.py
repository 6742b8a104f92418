"""Builds the demo city's static seeds `data/demo/areas.geojson` and `backdrop.geojson` from `data/demo/source/`.

Deterministic: the same sources give the same bytes. Run it from the repository: `python -m tools.build_demo_city`.
Coordinates are WGS 84 (EPSG:4326); areas stand on a grid of 1e-7 degrees.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point, Polygon, mapping, shape

from tools.demo_city.backdrop import Feature, Ground, backdrop
from tools.demo_city.blocks import KM2_PER_DEG2, merge_vertices, tile
from tools.demo_city.frame import Frame, one_polygon
from tools.demo_city.naming import AreaName, Grouping, Place, name_patches, read_names
from tools.demo_city.patches import links_between, patches_of
from tools.demo_city.streets import Edge, all_streets, street_edges

HERE = Path(__file__).resolve().parent.parent / "data" / "demo"
DISTRICT = "630102"
SEED = 18
ENGLISH = {
    "630102": "Chengdong District",
    "630103": "Chengzhong",
    "630104": "Chengxi",
    "630105": "Chengbei",
    "630106": "Huangzhong",
    "630121": "Datong",
    "630123": "Huangyuan",
}


def read_districts(path: Path) -> dict[str, tuple[str, Polygon]]:
    """Read the simplified district borders: code -> (Chinese name, polygon)."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        f["properties"]["code"]: (f["properties"]["name_zh"], one_polygon(shape(f["geometry"])))
        for f in features
    }


def build(source: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the areas and the backdrop as GeoJSON feature collections."""
    districts = read_districts(source / "districts.geojson")
    names = read_names(source / "areas.csv")
    frame = Frame(districts[DISTRICT][1])
    local = frame.local(districts[DISTRICT][1])
    edges = street_edges(all_streets(), local, SEED)
    tiling = tile([frame.degrees(e.line) for e in edges], {c: p for c, (_, p) in districts.items()}, DISTRICT)
    communities = [n for n in names if len(n.code) == 12]
    patches = patches_of(tiling.blocks, frame, local, len(communities), SEED)
    patches, around = _tidied(patches, tiling.neighbours)
    named = _named(patches, frame, edges, communities)
    areas = _areas(dict(zip((n.code for n in named), patches, strict=True)), names, districts[DISTRICT][0])
    neighbours = [(c, (districts[c][0], ENGLISH[c]), around[c]) for c in sorted(around)]
    ground = Ground(local, edges, [frame.local(b) for b in tiling.blocks])
    return _collection(areas), _collection(backdrop(ground, frame, neighbours, SEED))


def _tidied(
    patches: list[Polygon], neighbours: dict[str, Polygon]
) -> tuple[list[Polygon], dict[str, Polygon]]:
    """Drop vertices that say nothing (within a metre, or centimetres from a crossing) from all borders together."""
    simple = shapely.coverage_simplify([*patches, *neighbours.values()], 1e-5)
    tidy = [one_polygon(g) for g in merge_vertices(np.round(shapely.get_coordinates(simple), 7), simple)]
    return tidy[: len(patches)], dict(zip(neighbours, tidy[len(patches) :], strict=True))


def _named(
    patches: list[Polygon], frame: Frame, edges: list[Edge], communities: list[AreaName]
) -> list[AreaName]:
    middles: list[Place] = [_place(frame.local(p).centroid) for p in patches]
    sizes: dict[str, int] = {}
    for community in communities:
        sizes[community.parent] = sizes.get(community.parent, 0) + 1
    groups = Grouping(middles, links_between(patches), sizes).settle(SEED)
    street_at: dict[str, list[Place]] = {}
    for edge in edges:
        if edge.name:
            street_at.setdefault(edge.name[0], []).append(_place(edge.line.interpolate(0.5, normalized=True)))
    return name_patches(middles, [p.area * KM2_PER_DEG2 for p in patches], groups, communities, street_at)


def _place(point: Point) -> Place:
    return (float(point.x), float(point.y))


def _areas(patches: dict[str, Polygon], names: list[AreaName], district_zh: str) -> list[Feature]:
    by_code = {n.code: n for n in names}
    whole = one_polygon(shapely.coverage_union_all(list(patches.values())))
    district = AreaName(DISTRICT, "", district_zh, ENGLISH[DISTRICT], district_zh)
    features = [_area(district, "district", whole, drawn=False)]
    for code in sorted(c for c in by_code if len(c) == 9):
        members = [p for c, p in patches.items() if by_code[c].parent == code]
        features.append(
            _area(by_code[code], "street", one_polygon(shapely.coverage_union_all(members)), drawn=True)
        )
    features += [_area(by_code[c], "patch", patches[c], drawn=True) for c in sorted(patches)]
    return features


def _area(name: AreaName, level: str, geometry: Polygon, *, drawn: bool) -> Feature:
    properties = {
        "code": name.code,
        "level": level,
        "name_zh": name.zh,
        "name_en": name.en,
        "official_zh": name.official_zh,
        "parent": name.parent or None,
        "drawn": drawn,
    }
    outline = json.loads(json.dumps(mapping(shapely.normalize(geometry))))
    return {"type": "Feature", "properties": properties, "geometry": outline}


def _collection(features: list[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def text_of(collection: dict[str, Any]) -> str:
    """Return a feature collection as text, one feature a line, so that a diff can be read."""
    lines = (json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in collection["features"])
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def main() -> int:
    """Write both files and say what they hold."""
    areas, back = build(HERE / "source")
    for name, collection in (("areas.geojson", areas), ("backdrop.geojson", back)):
        text = text_of(collection)
        (HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {len(collection['features'])} features, {len(text.encode()) // 1024} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
