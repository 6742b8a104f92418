"""Templates are programs: what is none, breaks out or never ends is refused in words, and the next paper is made."""

from collections.abc import Iterator

import pytest

from casework import paper_fields
from casework.errors import Refused
from casework.paper_worker import Filler
from tests.factories.papers import altered, docx, related, text_of

KIND = paper_fields.RECTIFICATION


@pytest.fixture(scope="module")
def filler() -> Iterator[Filler]:
    made = Filler(seconds=2)
    yield made
    made.close()


def checked(filler: Filler, template: bytes) -> bytes:
    context = paper_fields.sample(KIND, "en", {})
    return filler.fill(template, context, known=paper_fields.known(KIND))


def refused(filler: Filler, template: bytes) -> str:
    with pytest.raises(Refused) as caught:
        checked(filler, template)
    assert caught.value.field == "template"
    return str(caught.value)


def test_faults_of_writing_are_told_with_the_paragraph(filler: Filler) -> None:
    told = {
        ("{{ deadline then",): "is not closed",
        ("Due", "by {{ deadline and more"): "by {{ deadline",
        ("{% for step in steps %}", "{{ step.when }}"): "{% for %} has no {% endfor %}",
        ("{% endif %}",): "ends something that was not begun",
        ("first", "{% frobnicate %}"): "There is no {% frobnicate %}",
        ("first", "{{ deadline|shout }}"): "no filter “shout”",
        ("first", "{{ 1 + }}"): "near “{{ 1 + }}”",
        ("{{ deadlin }} {{ xyz }}",): "has deadlin, xyz; did you mean deadline",
        ("{% for one in stepz %}{{ one.when }}{% endfor %}",): "stepz",
        ("{% for step in steps %}{{ step.wenn }}{% endfor %}",): "wenn",
    }
    for paragraphs, words in told.items():
        assert words in refused(filler, docx(*paragraphs)), paragraphs


def test_nothing_leads_out_of_the_sandbox(filler: Filler) -> None:
    for text in (
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ deadline.__class__ }}",
        "{{ cycler.__init__.__globals__ }}", "{{ self.__init__ }}", "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}", "{{ '<w:br/>'|safe }}", "{{ deadline|attr('__class__') }}",
        "{% autoescape false %}{{ deadline }}{% endautoescape %}", "{{ ().__class__.__base__ }}",
        "{{ lipsum.__globals__ }}", "{{ '{0.__class__}'.format(deadline) }}",
    ):  # fmt: skip
        try:
            said = text_of(checked(filler, docx(text)))
        except Refused:
            continue
        assert "class" not in said, (text, said)
        assert "function" not in said, (text, said)


def test_what_never_ends_or_fills_the_memory_is_stopped(filler: Filler) -> None:
    forever = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    assert "longer than 2 seconds" in refused(filler, docx(forever))
    assert "more memory" in refused(filler, docx("{{ 'a' * 10000000000 }}"))
    assert "far larger" in refused(filler, docx("{{ 'a' * 9000000 }}"))
    assert "1 September 2026" in text_of(checked(filler, docx("{{ deadline }}")))


def test_what_is_no_plain_document_is_refused(filler: Filler) -> None:
    base = docx("{{ deadline }}")
    types = "[Content_Types].xml"
    faults = {
        b"": "no Word document", b"hello": "no Word document", base[: len(base) // 2]: "no Word document",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600: "old Word document",
        altered(base, add={"word/media/a.png": b"\0" * 60_000_000}): "unpack to far more",
        altered(base, add={f"x/{n}.txt": b"" for n in range(500)}): "unpack to far more",
        altered(base, add={"word/vbaProject.bin": b"x"}): "macros",
        altered(base, edit={types: lambda c: c.replace(b"document.main", b"document.macroEnabled.main")}): "macros",
        altered(base, add={"word/embeddings/a.bin": b"x"}): "another file in it",
        related(base, "image", "http://evil.example/x.png"): "fetches something from outside (http://evil.example",
        related(base, "attachedTemplate", "file://server/share/x.dotm"): "outside",
        related(base, "hyperlink", "file:///etc/passwd"): "outside",
        related(base, "aFChunk", "chunk.html", "Internal"): "another file in it",
        altered(base, edit={"word/document.xml": lambda c: c.replace(
            b"<w:document", b'<!DOCTYPE x [<!ENTITY a "b">]><w:document', 1)}): "entities",
        altered(base, edit={"word/document.xml": lambda c: c.replace(
            b"<w:p>", b'<w:p><w:r><w:instrText>INCLUDEPICTURE "http://x"</w:instrText></w:r>', 1)}): "INCLUDEPICTURE",
        altered(base, edit={"word/document.xml": lambda c: c[:-30]}): "no Word document",
    }  # fmt: skip
    for template, words in faults.items():
        assert words in refused(filler, template)
    assert checked(filler, related(base, "hyperlink", "https://city.example/"))


def test_peoples_texts_come_out_as_texts(filler: Filler) -> None:
    texts = [
        "{{ 7 * 7 }} {% if x %} {# no #}", "<w:br/> & <b>bold</b> &amp; \"'", "{_{ 1 }_}", "表情 😀 𠮷",
        "=1+1", "a" * 9000, "two\nlines",
    ]  # fmt: skip
    for text in texts:
        filled = filler.fill(docx("[{{ place }}]"), {"place": text})
        assert f"[{text}]" in text_of(filled)


def test_a_worker_that_was_ended_is_replaced(filler: Filler) -> None:
    assert filler._worker is not None
    filler._worker.process.kill()
    assert "2026" in text_of(checked(filler, docx("{{ deadline }}")))
