"""Guards against the usual rot: what the linters do not see is looked for in the files themselves."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.translations import read
from tools.vendor import ICONS

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("geo", "layers", "casework", "db", "web", "commands")

# Addresses that a page may name without asking them for anything: names of formats and of licences.
NAMED_ONLY = ("www.w3.org/", "schemas.openxmlformats.org/", "www.opengis.net/")
# A registry's host in a lock file or a script would send people past the mirror that they have set up.
REGISTRIES = re.compile(
    "|".join(
        [r"registry\.np" + r"mjs", r"py" + r"pi\.org", r"pythonhost" + r"ed\.org", r"deb\.deb" + r"ian\.org"]
    )
)


def tracked(*patterns: str) -> list[Path]:
    """The committed files that fit one of git's patterns (all when there is none)."""
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts(*patterns: str) -> Iterator[tuple[str, str]]:
    """Name and content of the committed text files that fit one of git's patterns."""
    for path in tracked(*patterns):
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def existing(name: str) -> Path:
    """A file of the repository; skips the test where it is not written yet."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is not there yet")
    return path


def imports(path: Path) -> set[str]:
    """The top-level names that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_app_only_wires() -> None:
    source = existing("app.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 100
    decorators = [
        ast.unparse(decorator)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    ]
    assert not [name for name in decorators if re.search(r"\.(route|get|post|put|patch|delete)\b", name)]


def test_settings_know_no_room() -> None:
    assert not imports(existing("settings.py")) & {"app", "cli", *ROOMS}


def test_app_does_not_know_the_command_line() -> None:
    assert "cli" not in imports(existing("app.py"))


def test_no_queries_under_web() -> None:
    # Flask's own `session` is the browser's cookie; the database's is what has these methods.
    queries = re.compile(
        r"\b(select|delete|update|insert)\(\s*[A-Z]\w*\s*[.,)]|\bsession\.(execute|scalars?|add|commit|query|get_one)\("
    )
    wrong = [(name, hit.group()) for name, text in texts("web/*.py") for hit in queries.finditer(text)]
    assert not wrong


def test_spatial_sql_stands_in_one_file() -> None:
    wrong = [name for name, text in texts("*.py") if re.search(r"\bST_[A-Z]", text)]
    # The benchmark asks other databases, as their users would.
    allowed = {"db/spatial.py", "tests/test_repository.py", "benchmarks/_assignment_peers.py"}
    assert not [name for name in wrong if name not in allowed and not name.startswith("tests/db/")]


def test_files_are_named_after_a_concept() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}
    assert not [path for path in tracked("*.py", "*.js") if path.stem in vague]


def test_no_registry_is_named() -> None:
    wrong = [name for name, text in texts() if REGISTRIES.search(text)]
    assert not wrong


def test_requirements_are_pinned_with_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = re.findall(r"(?m)^(\S+==[^\n]*(?:\\\n +--hash=\S+[^\n]*)+)", text)
        assert len(entries) == len(re.findall(r"(?m)^[a-zA-Z0-9]", text)) > 0, name
        assert "://" not in text, name


def test_package_lock_names_no_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if "integrity" not in entry]


def test_package_versions_are_exact() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert not [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)]


def test_pages_name_no_other_host() -> None:
    wrong = []
    for name, text in texts("templates/*", "web/static/*"):
        for address in re.findall(r"https?:(?:\\?/){2}([^\s\"'<>)`]+)", text):
            if not address.startswith(NAMED_ONLY):
                wrong.append((name, address))
    assert not wrong


def test_pages_hold_no_inline_script_or_style() -> None:
    inline = re.compile(r"\son[a-z]+\s*=\s*[\"']|<style\b|href=[\"']javascript:", re.IGNORECASE)
    wrong = [(name, hit.group()) for name, text in texts("templates/*.html") for hit in inline.finditer(text)]
    assert not wrong


def test_used_icons_are_vendored() -> None:
    call = re.compile(r"\bicon\(\s*['\"]([a-z0-9-]+)['\"]")
    used = {icon for _, text in texts("templates/*", "web/static/*") for icon in call.findall(text)}
    assert used <= set(ICONS)


def test_no_translation_is_unsure() -> None:
    assert not [message.id for message in read() if message.id and message.fuzzy]


def test_migrations_and_packages_are_python_packages() -> None:
    wrong = [room for room in ROOMS if (ROOT / room).is_dir() and not (ROOT / room / "__init__.py").exists()]
    assert not wrong
