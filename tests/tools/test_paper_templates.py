"""The templates that we ship are those that the script makes, and each fills with the sample case."""

from casework import paper_docx, paper_fields
from casework.paper_templates import ours
from casework.paper_text import LANGS
from casework.paper_worker import FILLER
from db.models import PAPER_KINDS
from tests.factories.papers import text_of
from tools import paper_templates


def test_the_files_are_what_the_script_makes() -> None:
    for kind in PAPER_KINDS:
        for lang in LANGS:
            made = paper_templates.build(kind, lang)
            assert made == paper_templates.build(kind, lang)
            assert text_of(made) == text_of(ours(kind, lang)), (
                f"{kind} {lang}: python -m tools.paper_templates"
            )
            paper_docx.look(made)


def test_each_uses_only_fields_that_there_are_and_fills() -> None:
    for kind in PAPER_KINDS:
        for lang in LANGS:
            sample = paper_fields.sample(kind, lang, {})
            said = text_of(FILLER.fill(ours(kind, lang), sample, known=paper_fields.known(kind)))
            assert "{" not in said
            assert paper_fields.KIND_NAMES[kind][LANGS.index(lang)] in said
            assert sample["number_words"] in said
