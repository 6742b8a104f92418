"""The file of refused rows: all their columns as they came, and why."""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from casework.errors import Refused, mark


class Rejects:
    """Writes refused rows beside the file's final place and puts them there at the end; no path, no file."""

    def __init__(self, path: Path | None, names: Sequence[str], encoding: str | None) -> None:
        """``encoding`` is the input's: a spreadsheet needs a mark to read anything but plain text."""
        self._path = path
        self._keep = [i for i, name in enumerate(names) if name != "reason"]
        self._names = [names[i] for i in self._keep]
        self._encoding = "utf-8" if encoding in (None, "utf-8") else "utf-8-sig"
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            if self._path.is_dir():
                message = mark("--rejects %(path)s is a folder: name a file in it, rejects.csv for example")
                raise Refused(message, {"path": str(self._path)})
            if not self._path.parent.is_dir():
                raise Refused(mark("--rejects %(path)s: there is no such folder"), {"path": str(self._path)})
            self._file = tempfile.NamedTemporaryFile(
                "w",
                encoding=self._encoding,
                newline="",
                dir=self._path.parent,
                prefix=".rejects-",
                delete=False,
            )
            self._writer = csv.writer(self._file)
            self._writer.writerow([*self._names, "reason"])
        return self

    def add(self, values: Sequence[str], reason: str) -> None:
        """Write one row with its reason."""
        if self._file is not None:
            self._writer.writerow([*(values[i] for i in self._keep), reason])

    def finish(self) -> None:
        """Put the file in its place."""
        if self._file is not None and self._path is not None:
            self._file.close()
            Path(self._file.name).replace(self._path)
            self._path.chmod(0o644)
            self._file = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            Path(self._file.name).unlink(missing_ok=True)
