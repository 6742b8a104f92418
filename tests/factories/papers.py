"""Word documents for tests, built here: good ones, and those that a template may not be."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from docx import Document


def docx(*paragraphs: str) -> bytes:
    """A Word document with these paragraphs."""
    document: Any = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def altered(
    content: bytes,
    *,
    add: Mapping[str, bytes] | None = None,
    edit: Mapping[str, Callable[[bytes], bytes]] | None = None,
) -> bytes:
    """The same archive with parts added, or changed by a function."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for info in source.infolist():
            part = source.read(info)
            change = (edit or {}).get(info.filename)
            made.writestr(info.filename, change(part) if change else part)
        for name, part in (add or {}).items():
            made.writestr(name, part)
    return out.getvalue()


def related(content: bytes, kind: str, target: str, mode: str = "External") -> bytes:
    """The document with one relation more, of this kind (the last word of its type)."""
    address = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    line = (
        f'<Relationship Id="rId99" Type="{address}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    )
    return altered(
        content,
        edit={"word/_rels/document.xml.rels": lambda part: part.replace(b"</Relationships>", line.encode())},
    )


def text_of(content: bytes) -> str:
    """Everything that a document says: paragraphs, tables, footers."""
    document = Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    lines += [paragraph.text for section in document.sections for paragraph in section.footer.paragraphs]
    return "\n".join(lines)
