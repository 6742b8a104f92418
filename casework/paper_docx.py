"""Is a file a plain Word document: looked at before anything opens it. Knows neither the database nor the settings."""

import io
import re
import zipfile
import zlib
from typing import Any, Final

from lxml import etree

MAX_PARTS: Final = 400
MAX_PART_BYTES: Final = 16 * 1024 * 1024
MAX_WHOLE_BYTES: Final = 48 * 1024 * 1024
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_FIELD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}instrText"
_SIMPLE: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}fldSimple"
_INSTRUCTION: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}instr"
_FETCHES: Final = re.compile(
    r"\b(INCLUDE(PICTURE|TEXT)?|DDE(AUTO)?|LINK|IMPORT|MACROBUTTON|DATABASE|RD)\b", re.IGNORECASE
)
_FOREIGN: Final = ("oleObject", "/package", "aFChunk", "attachedTemplate", "control", "frame", "subDocument")


class Fault(Exception):
    """What is wrong with a template: a word, what it is about, and the text near which it stands."""

    def __init__(self, word: str, about: object = "", *, near: str = "") -> None:
        super().__init__(word)
        self.word, self.about, self.near = word, about, near


def look(content: bytes) -> None:
    """Raise Fault for what is no plain docx: another file, a bomb, macros, embedded files, links to outside."""
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Fault("old_word")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _look_into(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        raise Fault("no_docx") from None


def _look_into(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if "[Content_Types].xml" not in names or "word/document.xml" not in names:
        raise Fault("no_docx")
    whole = sum(info.file_size for info in infos)
    largest = max(info.file_size for info in infos)
    if (
        len(infos) > MAX_PARTS
        or largest > MAX_PART_BYTES
        or whole > MAX_WHOLE_BYTES
        or len(set(names)) < len(names)
    ):
        raise Fault("bomb")
    for info in infos:
        _look_at(info.filename, _read(archive, info))


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as part:
        content = part.read(MAX_PART_BYTES + 1)  # the size that the archive names may be a lie
    if len(content) > MAX_PART_BYTES:
        raise Fault("bomb")
    return content


def _look_at(name: str, content: bytes) -> None:
    lower = name.lower()
    if "vbaproject" in lower or "vbadata" in lower or lower.endswith(".bin"):
        raise Fault("macros" if "vba" in lower else "embedded", name)
    if "/embeddings/" in lower or "/activex/" in lower:
        raise Fault("embedded", name)
    if not lower.endswith((".xml", ".rels")):
        return
    root = _parsed(name, content)
    if name == "[Content_Types].xml":
        _demand_plain(root)
    elif lower.endswith(".rels"):
        _demand_inside(root)
    else:
        _demand_still(root)


def _parsed(name: str, content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Fault("no_docx", name) from None
    if root.getroottree().docinfo.doctype:
        raise Fault("entities", name)
    return root


def _demand_plain(root: Any) -> None:
    types = {str(one.get("ContentType", "")) for one in root if isinstance(one.tag, str)}
    if any("macroEnabled" in one or "vba" in one.lower() for one in types):
        raise Fault("macros")
    if _MAIN not in types:
        raise Fault("no_docx")


def _demand_inside(root: Any) -> None:
    for relation in root.iter(_RELATION):
        kind, target = str(relation.get("Type", "")), str(relation.get("Target", ""))
        if kind.endswith(_FOREIGN):
            raise Fault("outside" if relation.get("TargetMode") == "External" else "embedded", target[:80])
        if relation.get("TargetMode") != "External":
            continue
        # A link that a reader may click is no danger; everything else would be fetched on opening.
        if not (kind.endswith("/hyperlink") and re.match(r"(https?://|mailto:)", target, re.IGNORECASE)):
            raise Fault("outside", target[:80])


def _demand_still(root: Any) -> None:
    spoken = "".join(one.text or "" for one in root.iter(_FIELD))
    spoken += " ".join(str(one.get(_INSTRUCTION, "")) for one in root.iter(_SIMPLE))
    found = _FETCHES.search(spoken)
    if found:
        raise Fault("field", found[0].upper())
