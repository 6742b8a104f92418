"""One kind of thing that ``verify`` looks at: how many there were, and what is wrong with them in words."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MOST_FAULTS: Final = 200
_CHUNK: Final = 1024 * 1024


@dataclass(slots=True)
class Check:
    """One kind of thing that was looked at: how many, and the faults in words (the first of them)."""

    what: str
    looked_at: int = 0
    faults: list[str] = field(default_factory=list)
    broken: int = 0

    def fault(self, words: str) -> None:
        """Count a fault; the first ones are kept in words."""
        self.broken += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(words)


def sha256_of(path: Path) -> str:
    """The SHA-256 (hex) of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
