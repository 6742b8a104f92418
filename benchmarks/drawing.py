"""Frames while a border is dragged: the drawing page's handles beside Geoman's own editing of the same map.

300 areas of about 500 vertices that share their borders. A corner is dragged for a while;
  counted are the times
between frames. The peer is Leaflet-Geoman as it comes,
  on the same shapes: every area a layer that can be snapped to,
the edited area with all its handles. Both run in the same browser, one after the other:
`python -m benchmarks.drawing [--areas N] [--vertices N]`.
"""

import argparse
import json
import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT: Final = Path(__file__).resolve().parent.parent
STATIC: Final = ROOT / "web" / "static"
ADDRESS: Final = "http://drawing.bench/"
WEST, SOUTH, SIZE = 101.70, 36.55, 0.01
STEPS: Final = 90
SHELL: Final = """<!doctype html><html lang="en" data-bs-theme="light"><head><meta charset="utf-8">
<title>Drawing</title>
<link rel="stylesheet" href="/static/css/tokens.css"><link rel="stylesheet" href="/static/css/map.css">
<link rel="stylesheet" href="/static/css/editor.css">
<link rel="stylesheet" href="/static/vendor/leaflet/leaflet.css">
<link rel="stylesheet" href="/static/vendor/geoman/leaflet-geoman.css">
<style>html, body, #map { height: 100%; margin: 0; }</style>
<script src="/static/vendor/leaflet/leaflet.js"></script>
<script src="/static/vendor/geoman/leaflet-geoman.js"></script></head>
<body class="editor-page"><div id="map"></div></body></html>"""

OURS: Final = """async (data) => {
  const load = (name) => import(`/static/js/editor/${name}.js`);
  const [{ EditorView }, { Coverage }, { Handles }, { SnapGuide }, { BorderEdits }, { outlineOf }] =
    await Promise.all(['view', 'coverage', 'handles', 'snapping', 'border_edits', 'selecting'].map(load));
  const map = L.map('map', { zoomControl: false, attributionControl: false, preferCanvas: true,
    zoomSnap: 0.25, maxZoom: 21 });
  map.setView(data.view, data.zoom);
  const coverage = new Coverage(data);
  const config = { city: { bounds: data.bounds }, basemaps: [] };
  const view = new EditorView(map, { coverage, config, lang: 'en', avoid: () => [] });
  view.setLevel('patch');
  const guide = new SnapGuide(map, () => coverage);
  const draft = { coverage };
  let edits = null;
  const nothing = () => {};
  const handles = new Handles(map, { guide, lockOf: () => null, lockOfEdge: () => null, ownersOf: () => '',
    onVertices: (points) => view.setVertices(points),
    on: { drag: (...all) => edits.drag(...all), drop: () => view.setLive(new Map()), insert: nothing,
      remove: nothing, refuse: nothing, active: nothing } });
  edits = new BorderEdits({ draft, view, handles: () => handles, refuse: nothing, onLive: nothing });
  view.select([data.edited]);
  handles.show(outlineOf(coverage.get(data.edited)));
  const [lon, lat] = data.corner;
  map.fire('mousemove', { latlng: L.latLng(lat, lon) });
  const p = map.latLngToContainerPoint([lat, lon]);
  return [p.x, p.y];
}"""

PEER: Final = """async (data) => {
  const map = L.map('map', { zoomControl: false, attributionControl: false, preferCanvas: true,
    zoomSnap: 0.25, maxZoom: 21 });
  map.setView(data.view, data.zoom);
  let edited = null;
  for (const area of data.areas) {
    const layer = L.polygon(area.geometry.coordinates[0].slice(0, -1).map(([lon, lat]) => [lat, lon]),
      { weight: 1 }).addTo(map);
    if (area.key === data.edited) edited = layer;
  }
  edited.pm.enable({ snappable: true, allowSelfIntersection: false });
  const [lon, lat] = data.corner;
  const p = map.latLngToContainerPoint([lat, lon]);
  return [p.x, p.y];
}"""

WATCH: Final = """() => { window.frames = []; let last = performance.now();
  const next = (now) => { window.frames.push(now - last); last = now;
    window.watching = requestAnimationFrame(next); };
  window.watching = requestAnimationFrame(next); }"""


def city(areas: int, vertices: int) -> dict[str, Any]:
    """A grid of areas whose shared borders wind, each with about ``vertices`` corners equal to its neighbours'."""
    columns = math.ceil(math.sqrt(areas))
    per_side = max(vertices // 4, 2)

    def knot(i: float, j: float) -> tuple[float, float]:
        wave = 0.06 * SIZE * math.sin(9 * (i + j)) * math.cos(7 * (i - j))
        return round(WEST + i * SIZE + wave, 7), round(SOUTH + j * SIZE - wave, 7)

    def side(a: tuple[int, int], b: tuple[int, int]) -> list[tuple[float, float]]:
        return [
            knot(a[0] + (b[0] - a[0]) * k / per_side, a[1] + (b[1] - a[1]) * k / per_side)
            for k in range(per_side)
        ]

    made: list[dict[str, Any]] = []
    for n in range(areas):
        i, j = n % columns, n // columns
        corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
        ring = [point for k in range(4) for point in side(corners[k], corners[(k + 1) % 4])]
        made.append(
            {
                "key": f"a{n + 1}", "level": "patch", "code": f"{n + 1:04d}",
                "name_zh": f"片区{n + 1}", "name_en": f"Patch {n + 1}",
                "parent": None, "leader": None, "changed": False, "removed": False, "open": 0, "over": 0,
                "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
            }
        )  # fmt: skip
    middle = made[(columns // 2) * columns + columns // 2] if areas > columns else made[0]
    corner = middle["geometry"]["coordinates"][0][per_side // 2]
    rows = math.ceil(areas / columns)
    return {
        "levels": [{"code": "patch", "zh": "片区", "en": "Patch", "position": 1, "editable": True}],
        "areas": made, "edited": middle["key"], "corner": corner, "view": [corner[1], corner[0]], "zoom": 15,
        "bounds": [[SOUTH, WEST], [SOUTH + rows * SIZE, WEST + columns * SIZE]],
    }  # fmt: skip


def _answer(route: "Route") -> None:
    path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
    file = STATIC / path.removeprefix("static/")
    if not path.startswith("static/"):
        route.fulfill(body=SHELL, content_type="text/html")
    elif file.is_file():
        route.fulfill(path=file)
    else:
        route.fulfill(status=404)


def drag(page: "Page", start: str, data: dict[str, Any]) -> dict[str, float]:
    """Open a map, drag its corner; milliseconds of opening, and the frames' median and 95th percentile."""
    page.goto(ADDRESS)
    opened_ms = page.evaluate(
        "async ([start, data]) => { const t = performance.now(); const p = await eval(`(${start})`)(data);"
        " await new Promise(requestAnimationFrame); return [performance.now() - t, p] }",
        [start, data],
    )
    x, y = opened_ms[1]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y + 3)
    page.evaluate(WATCH)
    for step in range(STEPS):
        angle = step / 12
        page.mouse.move(x + 40 * math.sin(angle), y + 24 * math.sin(angle * 1.7))
    frames = sorted(page.evaluate("() => { cancelAnimationFrame(window.watching); return window.frames }"))
    page.mouse.up()
    return {
        "open_ms": round(opened_ms[0]),
        "frame_ms": round(frames[len(frames) // 2], 1),
        "p95_ms": round(frames[int(len(frames) * 0.95)], 1),
    }


def chromium() -> str | None:
    """Where Chromium is, if it is."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def measure(browser: "Browser", areas: int, vertices: int) -> dict[str, dict[str, float]]:
    """Both on the same map, each in a window of its own."""
    data = city(areas, vertices)
    found = {}
    for name, start in (("ours", OURS), ("geoman", PEER)):
        context = browser.new_context(viewport={"width": 1000, "height": 800})
        page = context.new_page()
        page.route("**/*", _answer)
        found[name] = drag(page, start, data)
        context.close()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured as JSON lines. Returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--areas", type=int, default=300)
    parser.add_argument("--vertices", type=int, default=500)
    chosen = parser.parse_args(arguments)
    path = chromium()
    if path is None:
        print("no Chromium here: nothing measured")
        return 0
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], headless=True)
        found = measure(browser, chosen.areas, chosen.vertices)
        browser.close()
    for name, row in found.items():
        print(json.dumps({"what": name, "areas": chosen.areas, "vertices": chosen.vertices, **row}))
    ratio = found["geoman"]["p95_ms"] / max(found["ours"]["p95_ms"], 0.1)
    print(json.dumps({"what": "p95 of the peer by ours", "ratio": round(ratio, 1)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
