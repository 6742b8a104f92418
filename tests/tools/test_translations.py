"""The translation tool: what it finds in code, templates and scripts, and what it calls incomplete."""

from pathlib import Path

import pytest

from tools import translations
from tools.translations import PO, TEXTS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small repository that says one thing in Python, one in a template, two in a script."""
    files = {
        "babel.cfg": "[python: web/**.py]\n[jinja2: templates/**.html]\n",
        "web/map.py": 'x = _("Map of %(city)s", city=c)\ny = ngettext("one", "many", n)\nz = mark("closed")\n',
        "templates/a.html": "{{ _('Sign in') }}",
        "web/static/js/list.js": "import { t } from './i18n.js';\nshow(t('In view: {n}', { n }), t('Sign in'));\n",
        "web/static/vendor/big.js": "t('not ours');",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


CHINESE = {
    "Map of %(city)s": "%(city)s地图",
    "one": "共一件",
    "closed": "已结案",
    "Sign in": "登录",
    "In view: {n}": "视野内 {n} 件",
}


def fill(root: Path, table: dict[str, str]) -> list[str]:
    found, _ = translations.extract(root)
    catalog = translations.renew(found, translations.read(root))
    unused = translations.merge(catalog, table)
    translations.write(catalog, root)
    return unused


def check(root: Path) -> list[str]:
    found, _ = translations.extract(root)
    return translations.problems(found, translations.read(root))


def test_texts_are_found_in_every_language_of_code(root: Path) -> None:
    found, in_scripts = translations.extract(root)
    assert {translations.original(m.id) for m in translations.messages(found)} == set(CHINESE)
    assert in_scripts == {"In view: {n}", "Sign in"}


def test_a_full_catalogue_has_no_problem(root: Path) -> None:
    assert fill(root, {**CHINESE, "nobody says this": "x"}) == ["nobody says this"]
    assert check(root) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Sign in": ""}, "no Chinese: 'Sign in' (templates/a.html, web/static/js/list.js)"),
        (
            {"In view: {n}": "视野内"},
            "other placeholders: 'In view: {n}' -> '视野内' (web/static/js/list.js)",
        ),
        ({"Map of %(city)s": "%(town)s"}, "other placeholders: 'Map of %(city)s' -> '%(town)s' (web/map.py)"),
    ],
)
def test_what_is_missing_is_named(root: Path, change: dict[str, str], problem: str) -> None:
    fill(root, {**CHINESE, **change})
    assert check(root) == [problem]


def test_what_no_code_says_any_more_is_a_problem_until_it_is_renewed(root: Path) -> None:
    fill(root, CHINESE)
    (root / "templates/a.html").write_text("", encoding="utf-8")
    (root / "web/static/js/list.js").write_text("t('In view: {n}')", encoding="utf-8")
    assert check(root) == ["no longer used: 'Sign in'"]
    fill(root, {})
    assert check(root) == []


def test_writing_the_same_texts_changes_nothing(root: Path) -> None:
    fill(root, CHINESE)
    before = (root / PO).read_bytes()
    found, _ = translations.extract(root)
    assert not translations.write(translations.renew(found, translations.read(root)), root)
    assert (root / PO).read_bytes() == before


def test_scripts_get_only_their_own_texts(root: Path) -> None:
    fill(root, CHINESE)
    translations.compile_(root)
    assert (root / TEXTS).read_text(
        encoding="utf-8"
    ) == '{\n"In view: {n}": "视野内 {n} 件",\n"Sign in": "登录"\n}\n'
    assert (root / PO).with_suffix(".mo").exists()


def test_a_table_with_mistakes_says_where(tmp_path: Path) -> None:
    table = tmp_path / "a.tsv"
    table.write_text("# words\nMap\t地图\nMap\t图\nno tab\nTwo\\nlines\t两\\n行\n", encoding="utf-8")
    words, wrong = translations.read_tables([tmp_path])
    assert words == {"Map": "地图", "Two\nlines": "两\n行"}
    assert wrong == ["a.tsv:3: 'Map' is already '地图', not '图'", "a.tsv:4: no Chinese after a tab: no tab"]
