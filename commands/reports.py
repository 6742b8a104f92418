"""What an import prints: what is done or would be, every problem by feature, then the numbers."""

from typing import TYPE_CHECKING

import click

from commands.console import table

if TYPE_CHECKING:
    from casework.import_areas import AreaReport
    from casework.import_notes import Note


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
        ["open findings that change patch or bureau", done.findings_moved],
    ])  # fmt: skip
    show_end(report.committed)


def show_notes(notes: "list[Note]") -> None:
    """Print every problem: of the file first, then by feature."""
    for note in notes:
        where = "the file" if note.feature is None else f"feature {note.feature}"
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
    words = [f"{option} = {name}{' (guessed)' if option in used.guessed else ''}" for option, name in pairs if name]
    if used.parent is None and report.above:
        words.append(f"parent = the area of {report.above} that holds most of it")
    return words
