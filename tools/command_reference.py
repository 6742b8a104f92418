"""`python -m tools.command_reference` writes docs/commands.md from the commands' own help."""

from collections.abc import Iterator
from pathlib import Path

import click

from cli import main

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "commands.md"
HEAD = """# Commands

`.venv/bin/baopian`, from any folder; `INSTANCE=` and `DATABASE_URL=` choose another installation. Exit status 0: done;
1: the whole input was refused (why is on stderr, nothing is written); 2: wrong usage.

Written by `python -m tools.command_reference`.
"""


def reference() -> str:
    """The page: every command with its arguments and options."""
    parts = [HEAD]
    for path, command in _commands(main, "baopian"):
        context = click.Context(
            command,
            info_name=path,
            terminal_width=100,
            max_content_width=100,
            help_option_names=["-h", "--help"],
        )
        parts.append(f"## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(click.Context(command)):
        below = command.commands[name]
        yield from _commands(below, f"{path} {name}")


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
