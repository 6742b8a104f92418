"""The web server's end of ``casework.paper_rendering``: hands templates to a worker with bounds, and outlives them.

Each process of the server has at most one, started when the first paper is made.
"""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from casework.errors import Refused, TooManyAttempts, mark
from casework.lone_worker import LoneWorker
from casework.worker_process import WorkerProcess

MEMORY_BYTES: Final = 512 * 1024**2
SECONDS: Final = 12
WAIT_S: Final = 60.0
_MAX_ANSWER: Final = 24 * 1024 * 1024
FIELD: Final = "template"

PICTURE: Final = "$picture"

_FAULTS: Final = {
    "no_docx": mark("This is no Word document (.docx), or it is damaged: save it from Word or WPS as .docx"),
    "old_word": mark("This is an old Word document (.doc): save it as .docx"),
    "bomb": mark("This document would unpack to far more than any paper needs: it is not opened"),
    "macros": mark("This document has macros: save it as .docx without them"),
    "embedded": mark("This document has another file in it (%(about)s): take it out"),
    "entities": mark("This document declares entities, as no Word document does: it is not opened"),
    "outside": mark("This document fetches something from outside (%(about)s): put it into the document itself"),
    "field": mark("This document has a %(about)s field, which would fetch something when it is opened: take it out"),
    "filter": mark("There is no filter “%(about)s”. It stands near “%(near)s”"),
    "tag": mark("There is no {%% %(about)s %%}. It stands near “%(near)s”"),
    "unopened": mark("{%% %(about)s %%} ends something that was not begun. It stands near “%(near)s”"),
    "unclosed_tag": mark("{%% %(about)s %%} has no {%% end%(about)s %%}. The end of the document is near “%(near)s”"),
    "unclosed": mark("A %(about)s is not closed. It stands near “%(near)s”"),
    "syntax": mark("This cannot be understood: %(about)s. It stands near “%(near)s”"),
    "undefined": mark("Something here is not there: %(about)s. It stands near “%(near)s”"),
    "forbidden": mark("A template may show fields, repeat and choose, and nothing else. See near “%(near)s”"),
    "time": mark("Filling this template took longer than %(seconds)s seconds: does it repeat something without end?"),
    "memory": mark("Filling this template needs more memory than %(mb)s MB: does it repeat something without end?"),
    "size": mark("The filled document would be far larger than any paper: does it repeat something without end?"),
    "broken": mark("This template cannot be filled: it is damaged, or made to break programs"),
}  # fmt: skip
_NAMES: Final = mark("No paper of this kind has %(names)s: see the table of fields")
_NAMES_MEANT: Final = mark(
    "No paper of this kind has %(names)s; did you mean %(meant)s? See the table of fields"
)


def picture(index: int, width_mm: float) -> dict[str, Any]:
    """What stands in a context for the picture with this index, so wide on the paper."""
    return {PICTURE: index, "width_mm": width_mm}


class _Worker(WorkerProcess):
    """A worker that fills templates."""

    def __init__(self, memory_bytes: int, seconds: int) -> None:
        super().__init__("casework.paper_rendering", (memory_bytes, seconds), {}, seconds * 1.5 + 10)

    def ask(self, job: Mapping[str, Any], parts: Sequence[bytes]) -> tuple[dict[str, Any], bytes]:
        """What the worker says, and the document. Raises as ``WorkerProcess.answer``."""
        self.send(json.dumps(job).encode() + b"\n", *parts)
        return self.answer(65536, _MAX_ANSWER, lambda facts: int(facts.get("length", 0)))


class Filler(LoneWorker[_Worker]):
    """The worker of this process; one paper is made at a time."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES, seconds: int = SECONDS) -> None:
        super().__init__(memory_bytes, seconds)

    def _start(self) -> _Worker:
        return _Worker(self.memory_bytes, self.seconds)

    def fill(
        self,
        template: bytes,
        context: Mapping[str, Any],
        images: Sequence[bytes] = (),
        *,
        title: str = "",
        known: Sequence[str] | None = None,
    ) -> bytes:
        """The filled document; with ``known`` (names that a template may use) the template is checked first.

        Raises Refused for ``template`` with what is wrong and where, TooManyAttempts when others' take too long.
        """
        job = {
            "template": len(template), "images": [len(image) for image in images], "context": dict(context),
            "title": title, **({"known": list(known)} if known is not None else {}),
        }  # fmt: skip
        with self._in_turn(WAIT_S) as is_ours:
            if not is_ours:
                raise TooManyAttempts(
                    mark("Other papers are being made: try again in %(seconds)s seconds"), {"seconds": 30}
                )
            facts, document = self._asked(lambda worker: worker.ask(job, [template, *images]))
        if "fault" in facts:
            raise self._refused(facts, known or ())
        return document

    def _refused(self, facts: Mapping[str, Any], known: Sequence[str]) -> Refused:
        word, about = str(facts["fault"]), facts.get("about", "")
        if word == "names":
            names = [str(name) for name in about]
            meant = [close[0] for name in names if (close := get_close_matches(name, known, 1))]
            if meant:
                return Refused(_NAMES_MEANT, {"names": names, "meant": meant}, field=FIELD)
            return Refused(_NAMES, {"names": names}, field=FIELD)
        params = {
            "about": str(about), "near": str(facts.get("near") or "…"), "seconds": self.seconds,
            "mb": self.memory_bytes >> 20,
        }  # fmt: skip
        return Refused(_FAULTS.get(word, _FAULTS["broken"]), params, field=FIELD)


FILLER: Final = Filler()
FILLER.for_the_process()
