"""The Chinese texts: find what pages say, keep web/translations/zh complete, compile it for Python and for scripts.

`python -m tools.translations extract` writes the catalogue anew from the code, keeping what is translated;
`merge FILE…` fills it from tables of `English<TAB>Chinese`; `compile` makes messages.mo and static/texts/zh.json;
`check` says what is missing, unsure, no longer used or has other placeholders than its English. English is the
code's own text, so only Chinese can be missing.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = Path("web/translations/zh/LC_MESSAGES/messages.po")
TEXTS = Path("web/static/texts/zh.json")

# A function's name -> the positions of its texts (None: the first). `mark` names a text that is translated later.
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2), "mark": None}
JS_KEYWORDS = {"t": None, "_": None}
NOISE = re.compile(r'"(POT?-[A-Z]\w+-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team|Generated-By)')
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|\{\w+\}")
JS_MAP = [("web/static/js/**.js", "javascript")]

Text = str | tuple[str, ...] | list[str]
Keywords = Mapping[str, Any]  # Babel: a function's name -> which of its arguments are texts

# Folders that hold other people's texts, or none.
SKIPPED = {"vendor", "migrations", "node_modules", "instance", "tests", "stubs"}


def _is_ours(folder: str) -> bool:
    name = Path(folder).name
    return not name.startswith(".") and name not in SKIPPED


def _found(
    root: Path, methods: Iterable[tuple[str, str]], options: dict[str, dict[str, str]], keywords: Keywords
) -> Iterator[tuple[Text, str]]:
    # Paths are relative to the root, so that the catalogue is the same wherever the clone lies.
    rows = extract_from_dir(root, methods, options, keywords, directory_filter=_is_ours)
    for path, _line, text, _comments, _context in rows:
        yield text, Path(path).as_posix()


def extract(root: Path = ROOT) -> tuple[Catalog, set[str]]:
    """Read the code: a catalogue of every text with the files it stands in, and the texts that scripts use."""
    with (root / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    catalog = _empty()
    in_scripts = set()
    for text, path in _found(root, methods, options, KEYWORDS):
        catalog.add(text, locations=[(path, 1)])
    for text, path in _found(root, JS_MAP, {}, JS_KEYWORDS):
        catalog.add(text, locations=[(path, 1)])
        in_scripts.add(original(text))
    return catalog, in_scripts


def _empty() -> Catalog:
    header = (
        "# Chinese texts of Baopian. Written by `python -m tools.translations`: edit the msgstr lines only."
    )
    return Catalog(
        locale="zh", domain="messages", project="Baopian", version="1", header_comment=header, fuzzy=False
    )


def original(text: Text) -> str:
    """A text's English, of a plural its singular: what the catalogue and the tables know it by."""
    return text if isinstance(text, str) else text[0]


def read(root: Path = ROOT) -> Catalog:
    """The catalogue as it is kept; an empty one where the file is not there yet."""
    path = root / PO
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale="zh", domain="messages")


def renew(found: Catalog, kept: Catalog) -> Catalog:
    """The texts found in the code with the translations kept for them. What the code no longer says is dropped."""
    fresh = _empty()
    for message in messages(found):
        old = kept.get(original(message.id))
        flags = set(message.flags)
        string: str | tuple[str, ...] = "" if isinstance(message.id, str) else ("",)
        if old is not None and type(old.id) is type(message.id) and old.string is not None:
            string = old.string if isinstance(old.string, str) else tuple(old.string)
            flags |= old.flags & {"fuzzy"}
        fresh.add(message.id, string, locations=sorted(set(message.locations)), flags=flags)
    return fresh


def messages(catalog: Catalog) -> list[Message]:
    """The catalogue's texts without its header."""
    return [message for message in catalog if message.id]


def write(catalog: Catalog, root: Path = ROOT) -> bool:
    """Write the catalogue without line numbers and dates: only texts make differences. True if it changed."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=110, sort_output=True, include_lineno=False)
    lines = [line for line in buffer.getvalue().decode().splitlines() if not NOISE.match(line)]
    text = "\n".join(lines).rstrip("\n") + "\n"
    path = root / PO
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def read_tables(paths: Iterable[Path]) -> tuple[dict[str, str], list[str]]:
    r"""Read tables of `English<TAB>Chinese` (files, or folders of .tsv files) and what is wrong in them.

    ``\n`` stands for a line break. Empty lines and lines that begin with `# ` are passed over.
    """
    table: dict[str, str] = {}
    wrong = []
    files = [file for path in paths for file in (sorted(path.glob("*.tsv")) if path.is_dir() else [path])]
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("# "):
                continue
            english, tab, chinese = (part.replace("\\n", "\n") for part in line.partition("\t"))
            if not tab or not chinese.strip():
                wrong.append(f"{file.name}:{number}: no Chinese after a tab: {line}")
            elif table.setdefault(english, chinese.strip()) != chinese.strip():
                wrong.append(
                    f"{file.name}:{number}: {english!r} is already {table[english]!r}, not {chinese.strip()!r}"
                )
    return table, wrong


def merge(catalog: Catalog, table: Mapping[str, str], *, replace: bool = False) -> list[str]:
    """Fill the catalogue's empty texts from the table (with ``replace`` all that it names), in place.

    Returns the table's texts that no code says.
    """
    said = set()
    for message in messages(catalog):
        english = original(message.id)
        said.add(english)
        if english in table and (replace or not translation(message)):
            message.string = table[english] if isinstance(message.id, str) else (table[english],)
            message.flags.discard("fuzzy")
    return sorted(set(table) - said)


def translation(message: Message) -> str:
    """A text's Chinese, or an empty string; Chinese has one form for every number."""
    string = message.string or ""
    return string if isinstance(string, str) else (string[0] or "")


def compile_(root: Path = ROOT) -> None:
    """Write messages.mo for Python and templates, and the scripts' texts as JSON {English: Chinese}."""
    catalog = read(root)
    _, in_scripts = extract(root)
    with (root / PO).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    texts = {
        original(m.id): translation(m)
        for m in messages(catalog)
        if original(m.id) in in_scripts and translation(m)
    }
    path = root / TEXTS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(texts, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def placeholders(text: str) -> set[str]:
    """The names that a text leaves open: `%(name)s` and `{name}`."""
    return set(PLACEHOLDER.findall(text))


def problems(found: Catalog, kept: Catalog) -> list[str]:
    """What the catalogue lacks, a line each; empty when it is complete."""
    lines = []
    for message in messages(found):
        english = original(message.id)
        where = ", ".join(sorted({path for path, _ in message.locations}))
        old = kept.get(english)
        chinese = translation(old) if old is not None else ""
        if not chinese.strip():
            lines.append(f"no Chinese: {english!r} ({where})")
        elif old is not None and old.fuzzy:
            lines.append(f"unsure (fuzzy): {english!r} ({where})")
        elif placeholders(chinese) != placeholders("".join(_forms(message.id))):
            lines.append(f"other placeholders: {english!r} -> {chinese!r} ({where})")
    said = {original(message.id) for message in messages(found)}
    lines += [f"no longer used: {original(m.id)!r}" for m in messages(kept) if original(m.id) not in said]
    return lines


def _forms(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _do_extract(_: argparse.Namespace) -> int:
    found, _in_scripts = extract()
    changed = write(renew(found, read()))
    print(f"{len(messages(found))} texts; the catalogue {'was written' if changed else 'is up to date'}")
    return 0


def _do_merge(arguments: argparse.Namespace) -> int:
    table, wrong = read_tables(arguments.table)
    found, _ = extract()
    catalog = renew(found, read())
    wrong += [f"no code says {text!r}" for text in merge(catalog, table, replace=arguments.replace)]
    write(catalog)
    left = sum(not translation(message) for message in messages(catalog))
    print("\n".join([*wrong, f"{len(messages(catalog))} texts, {left} without Chinese"]))
    return 0


def _do_compile(_: argparse.Namespace) -> int:
    compile_()
    return 0


def _do_check(_: argparse.Namespace) -> int:
    found, _in_scripts = extract()
    lines = problems(found, read())
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        print(f"{len(lines)} texts to mend in {PO} (`make translations` renews it)", file=sys.stderr)
    else:
        print(f"translations: {len(messages(found))} texts, all in Chinese")
    return 1 if lines else 0


def main() -> int:
    """Run one of the commands. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.translations", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, do in (("extract", _do_extract), ("compile", _do_compile), ("check", _do_check)):
        commands.add_parser(name).set_defaults(do=do)
    merging = commands.add_parser("merge")
    merging.add_argument("table", nargs="+", type=Path)
    merging.add_argument("--replace", action="store_true", help="also where there is Chinese already")
    merging.set_defaults(do=_do_merge)
    arguments = parser.parse_args()
    status: int = arguments.do(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
