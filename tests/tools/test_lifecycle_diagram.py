"""The page of the lifecycle is what the table says."""

from casework.lifecycle import ACTS, BY_ACT, SAME, STATUS_WORDS
from tools import lifecycle_diagram


def test_the_page_is_up_to_date() -> None:
    """After a change of the table: ``python -m tools.lifecycle_diagram``."""
    assert lifecycle_diagram.PAGE.read_text(encoding="utf-8") == lifecycle_diagram.page()


def test_every_act_and_status_is_on_it() -> None:
    table, states = lifecycle_diagram.table(), lifecycle_diagram.diagram()
    assert all(f"`{act}`" in table for act in ACTS)
    assert all(status in states for status in STATUS_WORDS)


def test_the_diagram_draws_what_the_table_allows() -> None:
    lines = lifecycle_diagram.diagram().splitlines()
    assert "    filed --> dispatched: refer, dispatch" in lines
    assert "    handled --> filed: rework" in lines  # settled on the spot, and found back
    assert "    suspended --> accepted: resume" in lines
    assert not any("confirm" in line for line in lines)
    assert BY_ACT["confirm"].after == SAME
