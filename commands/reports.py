"""What an import prints: what is done or would be, every problem by feature, then the numbers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from commands.console import table

if TYPE_CHECKING:
    from pathlib import Path

    from casework.import_areas import AreaReport
    from casework.import_findings import FindingReport
    from casework.import_lists import ListReport
    from casework.import_notes import Note

_MOST_REASONS = 30
_PLACES = {
    "inside": "inside one area of the patch level",
    "near_border": "near a border: listed in triage",
    "border": "on a border: listed in triage",
    "overlap": "where areas overlap: listed in triage",
    "outside": "outside every area: taken without one, listed in triage",
}


def show_areas(name: str, report: "AreaReport") -> None:
    """Print what an import of areas did or would do."""
    click.echo(f"{name}: {report.features:,} features for the level {report.level}, {_level_words(report)}.")
    click.echo("Fields: " + ", ".join(_field_words(report)))
    show_notes(report.notes)
    done = report.publication
    left_out = report.features - report.kept
    table([
        ["new", len(done.opened)],
        ["changed", len(done.changed)],
        ["unchanged", len(done.unchanged)],
        ["left out", left_out],
        [f"in force, not in the file: {'they end' if report.ended else 'they stay'}", len(report.absent)],
        ["open findings that change patch or bureau", done.findings_moved],
    ])  # fmt: skip
    show_end(report.committed)


def show_findings(name: str, report: "FindingReport", rejects: "Path | None") -> None:
    """Print what an import of findings did or would do; every row is counted once."""
    click.echo(f"{name}: {report.total:,} rows.")
    click.echo("Columns: " + ", ".join(_column_words(report)))
    show_notes(report.notes)
    done = report.outcomes
    table([
        ["new", done["new"]],
        ["updated", done["updated"]],
        ["unchanged", done["unchanged"]],
        ["rejected", report.rejected],
        ["total", report.kept + report.rejected],
    ])  # fmt: skip
    show_refusals(report)
    if rejects is not None:
        click.echo(f"The rejected rows are in {rejects}, each with its reason.")
    _show_counts("Statuses of the rows taken:", report.statuses)
    _show_counts("Where they lie:", {_PLACES[kind]: n for kind, n in report.places.items()})
    _show_counts("Taken all the same:", report.said)
    show_end(report.committed)


def show_refusals(report: "FindingReport", *, err: bool = False) -> None:
    """Print why rows were refused, the most common reason first."""
    if report.rejected:
        click.echo("Rejected because:", err=err)
        most = report.reasons.most_common(_MOST_REASONS)
        table([[count, reason] for reason, count in most], err=err)
        if len(report.reasons) > len(most):
            click.echo(f"  … and {len(report.reasons) - len(most):,} reasons more", err=err)


def _show_counts(title: str, counts: "Mapping[str, int]") -> None:
    if counts:
        click.echo(title)
        table([[count, word] for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))])


def _column_words(report: "FindingReport") -> list[str]:
    columns = report.columns
    pairs = [("id", columns.id), *columns.of.items()]
    words = [
        f"{name} = {column}{' (by its name)' if name in columns.guessed else ''}"
        for name, column in pairs
        if column
    ]
    return words if columns.id else [*words, "id = the row's own content"]


def show_list(name: str, report: "ListReport") -> None:
    """Print what an import of bureaus, categories or rules did or would do."""
    click.echo(f"{name}: {report.total:,} {report.kind}.")
    show_notes(report.notes, "row")
    rows: list[list[object]] = [[word, report.outcomes[word]] for word in ("new", "changed", "unchanged")]
    table([*rows, ["left out", len(report.notes)], ["open findings that go to another bureau", report.moved]])
    show_end(report.committed)


def show_notes(notes: "list[Note]", what: str = "feature") -> None:
    """Print every problem: of the file first, then by feature."""
    for note in notes:
        where = "the file" if note.feature is None else f"{what} {note.feature}"
        click.echo(f"  {where}: {note.text}")


def show_end(committed: bool) -> None:
    """Say whether anything was written."""
    click.echo("Done." if committed else "Dry run: nothing was written. Add --commit to do it.")


def _level_words(report: "AreaReport") -> str:
    words = "which is new" if report.level_is_new else "which exists"
    if report.above is None:
        return f"{words} and has no level above it"
    if report.nests:
        return f"{words} and nests in {report.above}"
    outside = report.kept - report.nested
    return f"{words} and does not nest in {report.above} ({outside:,} of {report.kept:,} areas lie across its borders)"


def _field_words(report: "AreaReport") -> list[str]:
    used = report.fields
    pairs = (("code", used.code), ("name", used.name), ("name-en", used.name_en), ("parent", used.parent))
    words = [
        f"{option} = {name}{' (guessed)' if option in used.guessed else ''}" for option, name in pairs if name
    ]
    if used.parent is None and report.above:
        words.append(f"parent = the area of {report.above} that holds most of it")
    return words
