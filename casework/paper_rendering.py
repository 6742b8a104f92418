"""Filling paper templates, away from the web server: `python -m casework.paper_rendering FD …` is the worker's process.

A template is a program that somebody uploaded. It is looked at (``paper_docx``) and filled by a child with bounds of
memory, CPU and wall time from the kernel, in Jinja's sandbox, with autoescape that cannot be switched off.
``casework.paper_worker`` is the other end. This module knows neither the database nor the settings.

A job is a line of JSON (``template`` and ``images``: lengths; ``context``; ``known`` names when the template is to be
checked; ``title``), then the template's bytes and the images'. The answer is a line of JSON, then the filled document.
"""

import io
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

import jinja2
from docx.image.exceptions import UnrecognizedImageError
from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import meta, nodes
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from casework import paper_docx
from casework.paper_docx import Fault
from casework.worker_child import Bounds, done_in_child

MAX_ANSWER: Final = 24 * 1024 * 1024
MAX_PART_BYTES: Final = 8 * 1024 * 1024
"""What one part of a filled document may have: a thousand pages have a tenth of it."""
PICTURE: Final = "$picture"
_LINE: Final = 4 * 1024 * 1024
_SHOWN: Final = 80
# What would let a person's text through as more than text, or has no use on a paper.
_NO_FILTERS: Final = frozenset(
    {"safe", "xmlattr", "urlize", "tojson", "forceescape", "pprint", "attr", "map"}
)
_NO_NODES: Final[tuple[type[nodes.Node], ...]] = (
    nodes.EvalContextModifier, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends,
)  # fmt: skip
_BROKEN: Final = (
    OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, RuntimeError, LookupError, ArithmeticError,
    etree.Error, PackageNotFoundError, UnrecognizedImageError,
)  # fmt: skip


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja as a template may use it: values, loops, conditions, plain filters; nothing that reaches elsewhere."""

    def __init__(self, undefined: type[jinja2.Undefined]) -> None:
        super().__init__(autoescape=True, undefined=undefined)
        self.globals = {"range": self.globals["range"]}
        self.filters = {name: one for name, one in self.filters.items() if name not in _NO_FILTERS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for kind in _NO_NODES:
            for unwanted in tree.find_all(kind):
                raise TemplateSyntaxError("tag not allowed", unwanted.lineno or 1, name, filename)
        return tree


class _Document(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """A template whose faults name the paragraph; its properties are texts, not programs."""

    def __init__(self, file: io.BytesIO, title: str) -> None:
        super().__init__(file)
        self.given_title = title
        self.names: set[str] = set()

    def render_xml_part(
        self, src_xml: str, part: Any, context: Mapping[str, Any], jinja_env: Any = None
    ) -> str:
        """Fill one part. Raises Fault with the paragraph's text."""
        lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml)
        self.current_rendering_part = part
        try:
            self.names |= meta.find_undeclared_variables(jinja_env.parse(lines))
            filled = jinja_env.from_string(lines).render(context)
        except TemplateError as error:
            raise _told(error, lines) from None
        if len(filled) > MAX_PART_BYTES:  # lxml would cut it in silence
            raise Fault("size")
        joined: str = self.resolve_listing(re.sub(r"\n<w:p([ >])", r"<w:p\1", filled))
        return joined

    def render_properties(self, context: Mapping[str, Any], jinja_env: Any = None) -> None:
        """Name the document after what it is."""
        core = self.docx.core_properties
        core.title, core.subject, core.comments = self.given_title[:200], "", ""


def _told(error: TemplateError, lines: str) -> Fault:
    """A Jinja error as a word, what it is about, and the text of the paragraph where it stands."""
    near = ""
    number = getattr(error, "lineno", None) or _line_of(error)
    text = lines.split("\n")
    if number and number <= len(text):
        near = _words(text[number - 1])
    message = str(error.message or "")
    if isinstance(error, TemplateSyntaxError):
        return Fault(*_syntax(message, lines), near=near)
    if isinstance(error, UndefinedError):
        return Fault("undefined", message, near=near)
    if isinstance(error, SecurityError):
        return Fault("forbidden", message, near=near)
    return Fault("syntax", message, near=near)


def _line_of(error: TemplateError) -> int:
    """The template's line in which an error was raised while filling it."""
    found, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _syntax(message: str, lines: str) -> tuple[str, str]:
    if message == "tag not allowed":
        return "forbidden", ""
    named = re.search(r"No filter named '([^']*)'", message) or re.search(r"No test named '([^']*)'", message)
    if named:
        return "filter", named[1]
    unknown = re.search(r"Encountered unknown tag '([^']*)'", message)
    if unknown:
        return ("unopened" if unknown[1].startswith("end") else "tag"), unknown[1]
    if "Unexpected end of template" in message or "looking for" in message:
        wanted = re.search(r"innermost block that needs to be closed is '([^']*)'", message)
        if wanted:
            return "unclosed_tag", wanted[1]
    if lines.count("{{") > lines.count("}}") or message.startswith("expected token 'end of print statement'"):
        return "unclosed", "{{"
    if lines.count("{%") > lines.count("%}"):
        return "unclosed", "{%"
    return "syntax", message


def _words(xml: str) -> str:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", xml)).strip()
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def fill(
    template: bytes, context: Mapping[str, Any], images: Sequence[bytes], title: str,
    known: Sequence[str] | None = None,
) -> bytes:  # fmt: skip
    """The filled document. With ``known`` the template is checked: other names are a fault, and so is what is no docx.

    Values {"$picture": n, "width_mm": w} in ``context`` become the n-th image. Raises Fault.
    """
    paper_docx.look(template)
    if known is not None:
        _demand_known(template, context, images, known)
    document = _Document(io.BytesIO(template), title)
    document.init_docx()
    values = {name: _value(document, one, images) for name, one in context.items()}
    document.render(
        values, _Environment(jinja2.ChainableUndefined if known is None else jinja2.StrictUndefined)
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _demand_known(
    template: bytes, context: Mapping[str, Any], images: Sequence[bytes], known: Sequence[str]
) -> None:
    """Raise Fault naming every name that no paper fills, in all parts at once."""
    probe = _Document(io.BytesIO(template), "")
    probe.init_docx()
    values = {name: _value(probe, one, images) for name, one in context.items()}
    probe.render(values, _Environment(jinja2.ChainableUndefined))
    unknown = sorted(probe.names - set(known))[:20]
    if unknown:
        raise Fault("names", unknown)


def _value(document: _Document, given: Any, images: Sequence[bytes]) -> Any:
    if isinstance(given, dict):
        if PICTURE in given:
            return InlineImage(document, io.BytesIO(images[given[PICTURE]]), width=Mm(given["width_mm"]))
        return {name: _value(document, one, images) for name, one in given.items()}
    if isinstance(given, list):
        return [_value(document, one, images) for one in given]
    return given


# --- the worker's process ---------------------------------------------------------------------------------------


def serve(channel: socket.socket, memory_bytes: int, seconds: int) -> None:
    """Take jobs until the other end closes; a child does each."""
    with channel.makefile("rb") as inbox:
        while line := inbox.readline(_LINE):
            job = json.loads(line)
            parts = [inbox.read(length) for length in (job["template"], *job["images"])]
            if [len(part) for part in parts] != [job["template"], *job["images"]]:
                return
            channel.sendall(_in_a_child(job, parts, channel, Bounds(memory_bytes, seconds, 0)))


def _in_a_child(job: dict[str, Any], parts: Sequence[bytes], channel: socket.socket, bounds: Bounds) -> bytes:
    answer, ended_by = done_in_child(lambda writing: _child(job, parts, writing), channel, bounds, MAX_ANSWER)
    if not ended_by:
        return answer
    if ended_by in {signal.SIGXCPU, signal.SIGALRM}:
        return _answer({"fault": "time"})
    return _answer({"fault": "size" if ended_by == signal.SIGKILL else "broken"})


def _child(job: dict[str, Any], parts: Sequence[bytes], writing: int) -> NoReturn:
    try:
        document = fill(parts[0], job["context"], parts[1:], job["title"], job.get("known"))
        answer = _answer({"length": len(document)}, document)
    except Fault as fault:
        answer = _answer({"fault": fault.word, "about": fault.about, "near": fault.near})
    except MemoryError:
        answer = _answer({"fault": "memory"})
    except RecursionError:
        answer = _answer({"fault": "broken"})
    except _BROKEN as error:
        answer = _answer({"fault": "broken", "about": type(error).__name__})
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(answer)
    os._exit(0)


def _answer(facts: dict[str, Any], document: bytes = b"") -> bytes:
    return b"".join((json.dumps(facts).encode(), b"\n", document))


def main(arguments: list[str]) -> None:
    """Serve the socket with this number until it closes."""
    number, memory_bytes, seconds = map(int, arguments)
    os.chdir("/")
    with socket.socket(fileno=number) as channel:
        serve(channel, memory_bytes, seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
