"""What the drawing page's modules promise, without a server: shared corners, locks, crossings, steps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import lacking

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

HERE = Path(__file__).parent
STATIC = HERE.parent.parent / "web" / "static"
ADDRESS = "http://drawing.test/"

Run = Callable[[str], Any]


def _answer(route: "Route") -> None:
    path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
    file = STATIC / path.removeprefix("static/") if path.startswith("static/") else HERE / "draft_page.html"
    route.fulfill(path=file) if file.is_file() else route.fulfill(status=404)


@pytest.fixture
def drawing_page(browser: "Browser") -> Iterator["Page"]:
    """A page of our own site without a server."""
    if not (STATIC / "vendor" / "geoman" / "leaflet-geoman.js").is_file():
        lacking("browser", "the front-end libraries are not there: make vendor")
    context = browser.new_context(viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.route("**/*", _answer)
    page.goto(ADDRESS)
    page.wait_for_function("() => window.ready")
    yield page
    context.close()


@pytest.fixture
def run(drawing_page: "Page") -> Run:
    """Run JavaScript over the modules `g` geometry, `c` coverage, `h` history, `s` selecting, with a `map`."""

    def runner(body: str) -> Any:
        return drawing_page.evaluate(
            """async (body) => {
                const load = (name) => import(`/static/js/editor/${name}.js`);
                const [g, c, h, s] = await Promise.all(['geometry', 'coverage', 'history',
                    'selecting'].map(load));
                const map = new c.Coverage(data());
                const whole = (changes) => new Map([...changes].map(([key, parts]) => [key, { parts }]));
                const has = (key,
                    point) => map.get(key).parts.flat(2).some((one) => g.placeKey(one) === g.placeKey(point));
                const refusal = (act) => { try { act(); return null; } catch (error) { return error.code; } };
                return new Function('g', 'c', 'h', 's', 'map', 'whole', 'has', 'refusal', body)(g, c, h, s,
                    map, whole, has, refusal);
            }""",
            body,
        )

    return runner


def test_a_shared_corner_moves_in_every_area_that_has_it(run: Run) -> None:
    moved = run(
        """const to = place(1.1, 1.4); map.apply(whole(map.moved(place(1, 1.5), to)));
        return [has('a2', to), has('a3', to), has('a2', place(1, 1.5)),
            map.get('a4').parts === new c.Coverage(data()).get('a4').parts]"""
    )
    assert moved[:3] == [True, True, False]


def test_coordinates_keep_all_seven_decimals(run: Run) -> None:
    assert run(
        """const to = [101.8123457, 36.6154321]; map.apply(whole(map.moved(place(1, 1.5), to)));
        const ring = g.geometryOf(map.get('a2').parts).coordinates[0];
        return ring.some(([lon, lat]) => lon === 101.8123457 && lat === 36.6154321) &&
            JSON.stringify(ring[0]) === JSON.stringify(ring.at(-1))"""
    )


def test_a_corner_of_the_parent_is_locked_and_its_edges_get_none(run: Run) -> None:
    assert run("return refusal(() => map.moved(place(2, 2), place(2.1, 2)))") == "locked"
    assert run("return map.lockAt(place(2, 2)).key") == "a1"
    assert run("return refusal(() => map.inserted(place(2, 1), place(2, 2), place(2, 1.5)))") == "locked"
    assert run("return map.lockAt(place(1, 1.5))") is None


def test_a_corner_on_the_parents_line_is_locked_even_where_the_parent_has_none(run: Run) -> None:
    locked = run(
        """const plain = data(); const { coordinates } = plain.areas[0].geometry;
        coordinates[0] = coordinates[0].filter((one) => g.placeKey(one) !== g.placeKey(place(1, 2)));
        const bare = new c.Coverage(plain); return [bare.ownersAt(place(1, 2)).includes('a1'),
            bare.lockAt(place(1, 2)).key]"""
    )
    assert locked == [False, "a1"]


def test_with_the_parents_level_in_the_draft_all_levels_move(run: Run) -> None:
    assert run(
        """const both = new c.Coverage(data(true)); const to = place(2.2, 1);
        return [...both.moved(place(2, 1), to).keys()].sort()"""
    ) == ["a1", "a3", "a4"]


def test_a_new_corner_appears_in_both_and_goes_from_both(run: Run) -> None:
    assert run(
        """const at = place(1, 1.25); map.apply(whole(map.inserted(place(1, 1), place(1, 1.5), at)));
        const there = ['a2', 'a3', 'a4'].map((key) => has(key, at));
        map.apply(whole(map.without(at)));
        return [...there, has('a2', at), has('a3', at)]"""
    ) == [True, True, False, False, False]


def test_where_three_borders_meet_no_corner_is_taken_out(run: Run) -> None:
    free = run(
        """const both = new c.Coverage(data(true)); return [refusal(() => both.without(place(1, 1))),
            refusal(() => both.without(place(1, 1.5)))]"""
    )
    assert free == ["junction", None]


def test_an_area_keeps_three_corners(run: Run) -> None:
    assert (
        run(
            """const small = { levels: data().levels, areas: [{ ...data().areas[1],
                geometry: { type: 'Polygon', coordinates: [[place(0, 0), place(1, 0), place(0, 1), place(0,
                    0)]] } }] };
        return refusal(() => new c.Coverage(small).without(place(1, 0)))"""
        )
        == "too-small"
    )


def test_an_outline_over_itself_is_seen_in_every_area_that_was_touched(run: Run) -> None:
    crossed = run(
        """const over = place(-0.5, 1.5); const changes = map.moved(place(1, 1.5), over);
        return [...changes].map(([key, parts]) => [key, Boolean(g.crossing(parts, [over]))])"""
    )
    # a2 lies left of the border and is turned inside out; a3 grows over it, which the check for overlaps tells.
    assert dict(crossed)["a2"] is True
    assert (
        run(
            "const to = place(1.2, 1.4); return [...map.moved(place(1, 1.5), "
            "to).values()].some((parts) => g.crossing(parts, [to]))"
        )
        is False
    )


@pytest.mark.parametrize(
    ("corners", "crosses"),
    [
        ([[0, 0], [4, 0], [4, 4], [0, 4]], False),
        ([[0, 0], [4, 4], [4, 0], [0, 4]], True),
        ([[0, 0], [4, 0], [2, 0], [2, 4]], True),  # folds back on itself
        ([[0, 0], [4, 0], [4, 4], [2, 0], [0, 4]], True),  # touches its own edge
    ],
)
def test_crossings_are_exact(run: Run, corners: list[list[int]], crosses: bool) -> None:
    assert (
        run(
            f"const ring = {corners}.map(([x, y]) => place(x, y)); return Boolean(g.crossing([[ring]], ring))"
        )
        is crosses
    )


def test_undo_brings_back_the_very_same_shape_and_redo_makes_it_again(run: Run) -> None:
    same = run(
        """const before = JSON.stringify(map.get('a3').parts); const steps = new h.History(() => {});
        const forth = whole(map.moved(place(1, 1.5), place(1.2, 1.5))); steps.push('move', forth,
            map.apply(forth));
        const after = JSON.stringify(map.get('a3').parts);
        map.apply(steps.undo().back); const undone = JSON.stringify(map.get('a3').parts) === before &&
            !map.isChanged(map.get('a3'));
        map.apply(steps.redo().forth); return [undone, JSON.stringify(map.get('a3').parts) === after &&
            map.isChanged(map.get('a3'))]"""
    )
    assert same == [True, True]


def test_a_held_arrow_key_is_one_step(run: Run) -> None:
    assert run(
        """const steps = new h.History(() => {}); let from = place(1, 1.5);
        for (const x of [1.1, 1.2, 1.3]) { const to = place(x, 1.5); const forth = whole(map.moved(from,
            to)); steps.push('move', forth, map.apply(forth), 'key 1'); from = to; }
        map.apply(steps.undo().back); return [steps.canUndo, has('a2', place(1, 1.5)), has('a2', place(1.1,
            1.5))]"""
    ) == [False, True, False]


def test_a_border_is_what_two_areas_share(run: Run) -> None:
    assert run("return s.borderOf(map, ['a2', 'a3']).map((line) => line.length)") == [3]
    assert run("return s.neighboursOf(map, 'a4').map((area) => area.key).sort()") == ["a2", "a3"]
    assert run("return s.borderAt(map, 'patch', place(1.001, 1.3), 2).sort()") == ["a2", "a3"]
    assert run("return s.borderAt(map, 'patch', place(1.5, 1.5), 2)") is None


def test_ground_is_measured(run: Run) -> None:
    size = run("return map.size_m2(map.get('a2'))")
    assert size == pytest.approx(1111.95 * 892.7, rel=0.01)


def test_dropping_a_corner_onto_a_line_joins_it(run: Run) -> None:
    joined = run(
        """const at = place(0.5, 1); return [...map.joined(place(0, 1), place(1, 1), at).keys()].sort()"""
    )
    assert joined == ["a2", "a4"]


def test_a_shape_is_the_same_whichever_way_it_is_walked(run: Run) -> None:
    assert run(
        """const area = map.get('a3'); const [ring] = area.parts[0];
        const turned = [[[...ring.slice(2), ...ring.slice(0, 2)].reverse()]];
        const other = [[ring.slice(1)]];
        return [map.isChanged({ ...area, parts: turned }), map.isChanged({ ...area, parts: other })]"""
    ) == [False, True]
