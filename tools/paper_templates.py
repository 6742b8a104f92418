"""Writes our own paper templates, ``data/papers/<kind>.<lang>.docx``: `python -m tools.paper_templates`.

The same bytes come out every time, so that a test can tell whether the files are those that this script makes.
"""

import io
import sys
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from settings import ROOT

FOLDER: Final = ROOT / "data" / "papers"
_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FONT: Final = {"zh": ("Times New Roman", "FangSong"), "en": ("Times New Roman", "FangSong")}
_HEAD: Final = {"zh": ("Arial", "SimHei"), "en": ("Arial", "SimHei")}

TITLES: Final = {
    "rectification_notice": {"zh": "整改通知书", "en": "Rectification notice"},
    "referral_letter": {"zh": "移交函", "en": "Referral letter"},
    "supervision_order": {"zh": "督办单", "en": "Supervision order"},
    "weekly_list": {"zh": "每周问题清单", "en": "Weekly list of findings"},
}
OPENING: Final = {
    "rectification_notice": {
        "zh": "经现场检查，发现下列问题，位于你单位负责的范围。请按期整改，并将整改结果连同照片报送我单位。",
        "en": "An inspection on site found the following, which lies within your responsibility. Please put it right"
        " in time, and report the result with photos.",
    },
    "referral_letter": {
        "zh": "下列问题在现场已劝阻，劝阻无效。按职责分工，现移交你单位依法处理，并请将处理结果函告我单位。",
        "en": "The following was addressed on site, and asking had no effect. It is referred to you, as the body in"
        " charge, to be dealt with under the law. Please let us know the result in writing.",
    },
    "supervision_order": {
        "zh": "下列问题由你单位办理，现予督办。请抓紧办理，并说明目前进展和完成时间。",
        "en": "The following is with you and is now under supervision. Please press on with it, and say how it"
        " stands and when it will be done.",
    },
}
DEMAND: Final = {
    "rectification_notice": {
        "zh": "请于 {{ deadline }} 前完成整改。",
        "en": "Please put it right by {{ deadline }}.",
    },
    "referral_letter": {"zh": "请于 {{ deadline }} 前办结。", "en": "Please conclude it by {{ deadline }}."},
    "supervision_order": {"zh": "办理期限：{{ deadline }}。", "en": "It is due by {{ deadline }}."},
}
# (label, what the cell holds) by language
FACTS: Final = {
    "zh": (
        ("案件编号", "{{ case_number }}"), ("问题类别", "{{ category }}（{{ category_code }}）"),
        ("对象", "{{ subject }}"), ("地点", "{{ place }}"), ("位置", "{{ position }}（WGS 84）"),
        ("发现时间", "{{ found }}"), ("整改期限", "{{ deadline }}{% if limit %}（{{ limit }}）{% endif %}"),
        ("责任部门", "{{ bureau }}"), ("所在片区", "{{ patch }}"), ("包片领导", "{{ patch_leader }}"),
        ("情况说明", "{{ description }}"),
    ),
    "en": (
        ("Case no.", "{{ case_number }}"), ("Category", "{{ category }} ({{ category_code }})"),
        ("Shop or thing", "{{ subject }}"), ("Place", "{{ place }}"), ("Position", "{{ position }} (WGS 84)"),
        ("Found", "{{ found }}"), ("Deadline", "{{ deadline }}{% if limit %} ({{ limit }}){% endif %}"),
        ("Bureau", "{{ bureau }}"), ("Patch", "{{ patch }}"), ("Patch leader", "{{ patch_leader }}"),
        ("Details", "{{ description }}"),
    ),
}  # fmt: skip
WORDS: Final = {
    "zh": {
        "number": "{{ number_words }}", "to": "{{ bureau }}：", "late": "目前已超期 {{ late }}。",
        "steps": "办理经过", "map": "位置图（上为北）", "before": "整改前", "after": "整改后",
        "none": "没有照片", "replaces": "本件代替 {{ replaces }} 号。", "sign": "签发单位（盖章）：{{ city }}",
        "date": "{{ date }}", "reply": "签收人：                签收日期：",
        "list": "{{ for_whom }}：截至 {{ date }}，未办结 {{ total }} 件，其中超期 {{ overdue }} 件。",
        "left": "另有 {{ left_out }} 件没有列出。", "empty": "没有未办结的问题。", "by": "制表：{{ made_by }}",
        "foot": "{{ case_number }}", "list_foot": "{{ number_words }}",
    },
    "en": {
        "number": "{{ number_words }}", "to": "To: {{ bureau }}", "late": " It is {{ late }} late.",
        "steps": "What was done", "map": "The place (north is up)", "before": "Before", "after": "After",
        "none": "No photo", "replaces": "This replaces no. {{ replaces }}.", "sign": "Issued by (seal): {{ city }}",
        "date": "{{ date }}", "reply": "Received by:                Date:",
        "list": "{{ for_whom }}: {{ total }} open on {{ date }}, {{ overdue }} of them overdue.",
        "left": "{{ left_out }} more are not listed.", "empty": "No open findings.", "by": "Made by {{ made_by }}",
        "foot": "{{ case_number }}", "list_foot": "{{ number_words }}",
    },
}  # fmt: skip
COLUMNS: Final = {
    "zh": (("序号", "n", 10), ("案件编号", "case_number", 24), ("类别", "category", 34), ("地点", "place", 46),
           ("片区", "patch", 28), ("包片领导", "leader", 20), ("责任部门", "bureau", 32), ("期限", "deadline", 28),
           ("状态", "status", 24)),
    "en": (("No.", "n", 10), ("Case", "case_number", 22), ("Category", "category", 38), ("Place", "place", 46),
           ("Patch", "patch", 28), ("Leader", "leader", 24), ("Bureau", "bureau", 30), ("Deadline", "deadline", 26),
           ("Status", "status", 22)),
}  # fmt: skip


def build(kind: str, lang: str) -> bytes:
    """One template as bytes."""
    document: Any = Document()
    _page(document, lang, landscape=kind == "weekly_list")
    _title(document, kind, lang)
    if kind == "weekly_list":
        _list(document, lang)
    else:
        _case(document, kind, lang)
    core = document.core_properties
    core.author, core.title, core.last_modified_by, core.comments = (
        "Baopian",
        TITLES[kind][lang],
        "Baopian",
        "",
    )
    core.created = core.modified = _MOMENT
    core.revision = 1
    core.language = "zh-CN" if lang == "zh" else "en-GB"
    out = io.BytesIO()
    document.save(out)
    return _still(out.getvalue())


def _still(content: bytes) -> bytes:
    """The same archive with no clock in it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            if info.filename == "docProps/thumbnail.jpeg":
                continue  # the library's own picture of an empty page
            part = source.read(info)
            if info.filename == "_rels/.rels":
                part = _without_thumbnail(part)
            fixed = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            fixed.compress_type, fixed.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            target.writestr(fixed, part)
    return out.getvalue()


def _without_thumbnail(part: bytes) -> bytes:
    for piece in part.split(b"<Relationship ")[1:]:
        if b"thumbnail" in piece:
            return part.replace(b"<Relationship " + piece.split(b">")[0] + b">", b"")
    return part


def _page(document: Any, lang: str, *, landscape: bool) -> None:
    section = document.sections[0]
    wide, high = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = wide, high
    section.left_margin = section.right_margin = Mm(20 if landscape else 26)
    section.top_margin, section.bottom_margin = Mm(20 if landscape else 26), Mm(18 if landscape else 22)
    normal = document.styles["Normal"]
    _font(normal, *_FONT[lang])
    normal.font.size = Pt(12)
    normal.paragraph_format.space_after = Pt(4)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = foot.add_run(WORDS[lang]["list_foot" if landscape else "foot"])
    run.font.size = Pt(9)


def _font(of: Any, latin: str, chinese: str) -> None:
    of.font.name = latin
    properties = of.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.append(fonts)
    fonts.set(qn("w:eastAsia"), chinese)


def _line(
    document: Any, text: str, *, align: int | None = None, size: float = 12, indent: bool = False
) -> Any:
    paragraph = document.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(size * 2)
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    return paragraph


def _title(document: Any, kind: str, lang: str) -> None:
    title = _line(document, TITLES[kind][lang], align=WD_ALIGN_PARAGRAPH.CENTER, size=20)
    title.runs[0].bold = True
    _font(title.runs[0], *_HEAD[lang])
    _line(document, WORDS[lang]["number"], align=WD_ALIGN_PARAGRAPH.CENTER, size=11)


def _case(document: Any, kind: str, lang: str) -> None:
    words, indent = WORDS[lang], lang == "zh"
    _line(document, words["to"])
    _line(document, OPENING[kind][lang], indent=indent)
    _line(
        document,
        f"{{% if deadline %}}{DEMAND[kind][lang]}{{% endif %}}{{% if late %}}{words['late']}{{% endif %}}",
        indent=indent,
    )
    _facts(document, FACTS[lang])
    if kind != "rectification_notice":
        _steps(document, lang)
    _pictures(document, lang)
    _line(document, "{%p if replaces %}")
    _line(document, words["replaces"], size=10.5)
    _line(document, "{%p endif %}")
    _line(document, words["sign"], align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, words["date"], align=WD_ALIGN_PARAGRAPH.RIGHT)
    _line(document, words["reply"], size=10.5)


def _table(document: Any, rows: int, widths_mm: Sequence[float]) -> Any:
    table = document.add_table(rows=rows, cols=len(widths_mm))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)
    return table


def _write(cell: Any, text: str, *, size: float = 10.5, bold: bool = False, align: int | None = None) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if align is not None:
        paragraph.alignment = align
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold


def _facts(document: Any, facts: Sequence[tuple[str, str]]) -> None:
    table = _table(document, len(facts), (30, 126))
    for row, (label, value) in zip(table.rows, facts, strict=True):
        _write(row.cells[0], label)
        _write(row.cells[1], value)
    _line(document, "", size=4)


def _steps(document: Any, lang: str) -> None:
    _line(document, "{%p if steps %}", size=4)
    _line(document, WORDS[lang]["steps"], size=11)
    table = _table(document, 3, (34, 40, 32, 50))
    _write(table.rows[0].cells[0], "{%tr for step in steps %}")
    for cell, name in zip(table.rows[1].cells, ("when", "what", "by", "note"), strict=True):
        _write(cell, f"{{{{ step.{name} }}}}", size=9.5)
    _write(table.rows[2].cells[0], "{%tr endfor %}")
    _line(document, "{%p endif %}", size=4)


def _pictures(document: Any, lang: str) -> None:
    words = WORDS[lang]
    table = _table(document, 4, (78, 78))
    centre = WD_ALIGN_PARAGRAPH.CENTER
    _write(table.rows[0].cells[0], words["before"], size=9.5, align=centre)
    _write(table.rows[0].cells[1], words["after"], size=9.5, align=centre)
    for cell, name in zip(table.rows[1].cells, ("photo_before", "photo_after"), strict=True):
        _write(
            cell,
            f"{{% if {name} %}}{{{{ {name} }}}}{{% else %}}{words['none']}{{% endif %}}",
            size=9.5,
            align=centre,
        )
    for row, text in ((table.rows[2], words["map"]), (table.rows[3], "{{ map }}")):
        whole = row.cells[0].merge(row.cells[1])
        _write(whole, text, size=9.5, align=centre)
    _line(document, "", size=4)


def _list(document: Any, lang: str) -> None:
    words, columns = WORDS[lang], COLUMNS[lang]
    _line(
        document,
        f"{{% if total %}}{words['list']}{{% else %}}{{{{ for_whom }}}} · {words['empty']}{{% endif %}}",
    )
    table = _table(document, 4, [width for _label, _name, width in columns])
    heads, begin, line, end = table.rows
    for cell, (label, _name, _width) in zip(heads.cells, columns, strict=True):
        _write(cell, label, size=9.5, bold=True)
    _repeated(heads)
    _write(begin.cells[0], "{%tr for row in rows %}")
    for cell, (_label, name, _width) in zip(line.cells, columns, strict=True):
        value = f"{{{{ row.{name} }}}}"
        if name == "status":
            value += "{% if row.late %} {{ row.late }}{% endif %}"
        if name == "category":
            value += "{% if row.subject %} · {{ row.subject }}{% endif %}"
        _write(cell, value, size=9)
    _write(end.cells[0], "{%tr endfor %}")
    _line(document, "{%p if left_out %}", size=4)
    _line(document, words["left"], size=10.5)
    _line(document, "{%p endif %}", size=4)
    _line(document, "{%p if replaces %}", size=4)
    _line(document, words["replaces"], size=10.5)
    _line(document, "{%p endif %}", size=4)
    _line(document, f"{words['by']}    {words['date']}", align=WD_ALIGN_PARAGRAPH.RIGHT, size=10.5)


def _repeated(row: Any) -> None:
    """Let the heads stand on every page."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))


def main() -> None:
    """Write all templates."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind in TITLES:
        for lang in ("zh", "en"):
            path: Path = FOLDER / f"{kind}.{lang}.docx"
            path.write_bytes(build(kind, lang))
            sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size}\n")


if __name__ == "__main__":
    main()
