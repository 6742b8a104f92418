"""One thing that an import has to say about its file or about one feature of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Note:
    """``feature`` counts features or data rows from 1 (None: the whole file); ``message`` is an English msgid with
    ``%(name)s`` places for ``params``; ``left_out`` says that the feature was not taken.
    """

    feature: int | None
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    left_out: bool = False

    @property
    def text(self) -> str:
        """The message in English."""
        return self.message % self.params
