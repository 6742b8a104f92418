"""Taking in a street network while pages go on: a process of its own reads the extract and says how far it is.

The state is one small file in the instance folder, so that every process of the server sees it. Only one import runs
at a time. The process is bounded in memory and time: a damaged or huge extract takes nobody along.
"""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from casework import background_jobs
from casework.errors import CaseworkError, Conflict, Refused, mark
from casework.office import Office
from casework.policy import Act, Actor, require
from casework.street_networks import ENDINGS, import_network
from settings import Settings

MAX_BYTES: Final = 1024 * 1024 * 1024
MEMORY_BYTES: Final = 6 * 1024**3
SECONDS: Final = 1800
_CHUNK: Final = 1024 * 1024
_TICK_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class ImportState:
    """How an import stands. ``stage``: reading, done, refused or broken; ``message`` and ``params`` say why it was
    refused (a text to translate).
    """

    stage: str
    name: str
    objects: int = 0
    process: int = 0
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether one has to wait for it."""
        return self.stage == "reading"


def state(office: Office) -> ImportState | None:
    """How the last import stands; None before the first. One whose process is gone is broken."""
    found = background_jobs.read_state(_state_file(office.settings), ImportState)
    if found is None:
        return None
    if found.is_running and not background_jobs.lives(found.process):
        return ImportState("broken", found.name, found.objects)
    return found


def start(office: Office, actor: Actor, stream: IO[bytes], name: str) -> None:
    """Keep an uploaded extract and begin to read it.

    Raises Refused for a file that cannot be one, Conflict while another import runs, Forbidden.
    """
    require(actor, Act.MANAGE_SETTINGS)
    ending = next((one for one in ENDINGS if name.lower().endswith(one)), None)
    if ending is None:
        raise Refused(
            mark("%(name)s is no OpenStreetMap extract: its name ends in .osm.pbf"),
            {"name": name[:80] or "?"},
            field="file",
        )
    running = state(office)
    if running is not None and running.is_running:
        raise Conflict(mark("%(name)s is being read at the moment: wait for it"), {"name": running.name})
    work = _state_file(office.settings).parent
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = work / f"upload-{os.getpid()}-{time.monotonic_ns()}{ending}"
    try:
        _keep(stream, path)
        _begin(office, actor, path, name[-120:])
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def run(settings: Settings, path: Path, name: str, user_id: int | None) -> None:
    """What the process of its own does."""
    background_jobs.bound(MEMORY_BYTES, SECONDS, nice=10)
    _write(settings, ImportState("reading", name, process=os.getpid()))
    last = time.monotonic()

    def told(count: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _TICK_S:
            last = time.monotonic()
            _write(settings, ImportState("reading", name, count, os.getpid()))

    office = Office.open(settings)
    try:
        importer = Actor(role="administrator", user_id=user_id)
        facts = import_network(office, importer, path, name=name, progress=told)
        _write(settings, ImportState("done", name, facts.segments))
    except CaseworkError as refused:
        _write(settings, ImportState("refused", name, message=refused.message, params=refused.params))
    except MemoryError:
        _write(settings, ImportState("broken", name))
    finally:
        path.unlink(missing_ok=True)
        office.database.close()


def _keep(stream: IO[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                raise Refused(
                    mark("The extract has more than %(mb)s MB: cut out the city"),
                    {"mb": MAX_BYTES >> 20},
                    field="file",
                )
            file.write(chunk)
    if size == 0:
        raise Refused(mark("The file is empty."), field="file")


def _begin(office: Office, actor: Actor, path: Path, name: str) -> None:
    settings = office.settings
    process = background_jobs.start(
        settings, "casework.street_imports", [str(path), name, str(actor.user_id or "")]
    )
    # The page that follows must find the import running, however long Python takes to start.
    _write(settings, ImportState("reading", name, process=process.pid))


def _state_file(settings: Settings) -> Path:
    return settings.instance / "streets" / "import.json"


def _write(settings: Settings, now: ImportState) -> None:
    background_jobs.write_state(_state_file(settings), now)


def main(arguments: list[str]) -> None:
    """`python -m casework.street_imports FILE NAME USER_ID`."""
    path, name, user = arguments
    run(Settings.from_environment(), Path(path), name, int(user) if user else None)


if __name__ == "__main__":
    main(sys.argv[1:])
