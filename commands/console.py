"""What all commands share: errors without tracebacks, two languages, tables, progress on a terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unicodedata import east_asian_width

import click
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from casework.errors import CaseworkError, Refusals
from casework.office import Office
from geo.problems import UnreadableFile
from settings import BadSetting, Settings

# What SQLAlchemy imports for databases that are not served here.
_DRIVERS = frozenset({"MySQLdb", "pymysql", "cx_Oracle", "oracledb", "pyodbc", "psycopg2", "asyncpg"})


class CommandLine(click.Group):
    """A group whose commands end with a message and status 1 where the input was refused."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a person can act on becomes a message on stderr, never a traceback."""
        try:
            return super().invoke(ctx)
        except Refusals as refused:
            raise click.ClickException("\n       ".join(str(error) for error in refused.errors)) from None
        except (CaseworkError, BadSetting, UnreadableFile, UnusableOption) as refused:
            raise click.ClickException(str(refused)) from None
        except ArgumentError as error:
            raise click.ClickException(f"DATABASE_URL: {error}") from None
        except ModuleNotFoundError as error:
            if error.name not in _DRIVERS:
                raise  # a fault of ours, which should be seen
            raise click.ClickException(
                "DATABASE_URL: only SQLite and PostgreSQL are served; write postgresql+psycopg://…"
            ) from None
        except DatabaseError as error:
            if type(error) not in (DatabaseError, OperationalError):
                raise  # a fault of ours, which should be seen
            reason = str(error.orig).splitlines()[0]
            raise click.ClickException(f"the database cannot be used: {reason}") from None
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise click.ClickException(
                f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")
            ) from None


class UnusableOption(ValueError):
    """A value on the command line cannot be used; the message says what would be right."""


@contextmanager
def open_office(*, create: bool = False) -> Iterator[Office]:
    """The installation of this environment, closed at the end. Only `init` may create it."""
    settings = Settings.from_environment()
    if not create and not settings.database_url and not (settings.instance / "baopian.sqlite").exists():
        raise UnusableOption(f"there is no database in {settings.instance}: run `baopian init` first")
    office = Office.open(settings)
    try:
        if not create:
            from casework.founding import require_current

            require_current(office)
        yield office
    finally:
        office.database.close()


def say(english: str, chinese: str = "") -> None:
    """Print a line for a person: English, and Chinese under it where there is one."""
    click.echo(english)
    if chinese:
        click.echo(chinese)


def table(rows: Sequence[Sequence[object]], *, indent: str = "  ", err: bool = False) -> None:
    """Print rows in columns: numbers to the right, words to the left."""
    texts = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    widths = [max(_width(row[i]) for row in texts) for i in range(len(texts[0]))] if texts else []
    for row, cells in zip(rows, texts, strict=True):
        parts = [
            _room(text, width) + text if isinstance(cell, int | float) else text + _room(text, width)
            for cell, text, width in zip(row, cells, widths, strict=True)
        ]
        click.echo((indent + "  ".join(parts)).rstrip(), err=err)


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _room(text: str, width: int) -> str:
    return " " * (width - _width(text))


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A callable (done, total) that draws a bar on a terminal; None where nobody is watching."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def advance(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield advance
