"""`baopian deadlines`: are the stored deadlines what history, limits and calendar say, and bring them up to date."""

import click

from commands.console import open_office, progress, say


@click.command()
@click.option("--check", is_flag=True, help="Only look; exit 1 when a stored deadline is another.")
def deadlines(check: bool) -> None:
    """Work out the deadlines of all open cases from their history, the limits and the working calendar."""
    from casework.deadline_updates import check_all, recompute_all

    with open_office() as office:
        if check:
            moved, numbers = check_all(office)
            if moved.due or moved.step or numbers:
                raise click.ClickException(
                    f"{moved.due:,} deadlines and {moved.step:,} steps' deadlines are not as worked out: "
                    f"{', '.join(numbers)}; `baopian deadlines` brings them up to date"
                )
            say(
                f"All of {moved.open:,} open cases are as worked out.",
                f"{moved.open:,} 件未结案件的时限都对。",
            )
            return
        with progress("Working out deadlines") as advance:
            moved = recompute_all(office, advance)
    say(
        f"{moved.open:,} open cases: {moved.due:,} deadlines moved, {moved.late:,} became overdue, "
        f"{moved.step:,} steps' deadlines moved",
        f"{moved.open:,} 件未结：{moved.due:,} 件时限变了，{moved.late:,} 件因此超期，{moved.step:,} 件环节时限变了",
    )
