"""`baopian backup`, `restore` and `verify`: keeping everything, photos included."""

from pathlib import Path

import click

from commands.console import UnusableOption, open_office, progress, say, table
from settings import Settings

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.option("--with-secret", is_flag=True, help="Put the secret key in too (who has it can forge forms).")
def backup(file: Path, force: bool, with_secret: bool) -> None:
    """Write everything, photos included, into FILE (.zip). The server may go on running."""
    from casework.backup import make_backup

    if not file.parent.is_dir():
        raise UnusableOption(f"{file.parent}: there is no such folder")
    with open_office() as office, progress("Backing up") as advance:
        made = make_backup(office, file, overwrite=force, with_secret=with_secret, progress=advance)
    say(
        f"{made.path}: {made.rows:,} rows, {made.photos:,} photos, {made.size_bytes / 1e6:,.1f} MB",
        f"已备份：{made.rows:,} 行、{made.photos:,} 张照片",
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Move what stands there aside and restore in its place.")
def restore(file: Path, force: bool) -> None:
    """Put the backup FILE back: checked as a whole first, then all of it or nothing. Stop the server before."""
    from casework.restore import restore as put_back

    with progress("Restoring") as advance:
        restored = put_back(Settings.from_environment(), file, overwrite=force, progress=advance)
    say(
        f"Restored the backup of {restored.made_at}: {restored.rows:,} rows, {restored.photos:,} photos",
        f"已恢复 {restored.made_at} 的备份：{restored.rows:,} 行、{restored.photos:,} 张照片",
    )
    if restored.set_aside:
        say(
            f"What stood there before is kept in {restored.set_aside}",
            f"原来的内容挪到了 {restored.set_aside}",
        )


@click.command()
def verify() -> None:
    """Look whether all that is kept is whole: database, history, assignments, photos, papers. Exit 1 when it is not."""
    from casework.verify import verify as look

    with open_office() as office, progress("Looking") as advance:
        checks = look(office, advance)
    table(
        [
            [check.what, check.looked_at, "whole" if not check.broken else f"{check.broken:,} broken"]
            for check in checks
        ]
    )
    for check in checks:
        for fault in check.faults:
            click.echo(f"{check.what}: {fault}", err=True)
        if check.broken > len(check.faults):
            click.echo(f"{check.what}: … and {check.broken - len(check.faults):,} more", err=True)
    if any(check.broken for check in checks):
        raise click.ClickException("not everything is whole")
    say("Everything is whole.", "全部完好。")
