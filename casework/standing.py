"""What decides whether somebody may act on a finding: how it stands, and who asks."""

from dataclasses import dataclass, field
from typing import Final

MOST_EXTENSIONS: Final = 2


@dataclass(frozen=True, slots=True)
class Task:
    """One bureau's open part of a case; ``status`` is dispatched, accepted or handled."""

    bureau_id: int
    role: str = "lead"
    status: str = "dispatched"
    is_punishment: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """An extension that waits: who asked, and who approved it first (None: nobody yet)."""

    asked_by: int | None
    is_approved_once: bool = False
    first_by: int | None = None


@dataclass(frozen=True, slots=True)
class Ties:
    """What hangs on a finding: its parent's id, its children (all, and those still open), what was merged into it."""

    parent_id: int | None = None
    children: int = 0
    open_children: int = 0
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a finding stands. ``done_by``: act -> who did it last (user id); reopening forgets who handled it.

    ``by_staff``: reported by somebody whose own report needs no 核实. ``before`` is the status that a suspended or
    merged finding goes back to. ``extensions`` counts those granted.
    """

    status: str
    bureau_id: int | None
    area_ids: frozenset[int]
    done_by: dict[str, int | None]
    reporter_id: int | None = None
    by_staff: bool = False
    is_confirmed: bool = False
    dissuasion: str | None = None
    tasks: tuple[Task, ...] = ()
    extensions: int = 0
    asked: Asked | None = None
    ties: Ties = field(default_factory=Ties)
    before: str = ""

    @property
    def lead(self) -> Task | None:
        """The leading bureau's part; None where no bureau has the case."""
        return next((task for task in self.tasks if task.role == "lead"), None)

    @property
    def joint(self) -> tuple[Task, ...]:
        """The joint bureaus' parts."""
        return tuple(task for task in self.tasks if task.role == "joint")

    def task_of(self, bureau_id: int | None) -> Task | None:
        """A bureau's open part."""
        return next((task for task in self.tasks if task.bureau_id == bureau_id), None)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to act: the role, and what is theirs."""

    role: str | None
    user_id: int | None
    bureau_id: int | None
    area_ids: frozenset[int]
