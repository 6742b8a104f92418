"""The shades of the days since a patch was seen, and a shell that stays on our host."""

from layers.visits import NEVER, shell, step


def test_each_step_ends_where_its_legend_says() -> None:
    assert [step(days) for days in (0, 7, 8, 14, 15, 28, 29, 5000)] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert step(None) == NEVER == 4


def test_the_shell_names_our_own_files_only() -> None:
    made = shell((101.7, 36.4, 102.0, 36.8), lambda path: f"/static/{path}")
    assert "/static/vendor/leaflet/leaflet.js" in made.header
    assert "map_visits" in made.html
    assert "window.BP" in made.script
