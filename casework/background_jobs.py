"""Work in a process of its own while pages go on: started, bounded, and followed through a small file of its state.

Every process of the server can read the file, so that it does not matter which of them started the work.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from settings import ROOT, Settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_children: list[subprocess.Popen[bytes]] = []


def start(
    settings: Settings, module: str, arguments: Sequence[str], passed: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """Run `python -m module arguments` on the installation of these settings.

    Nothing of our environment goes along but where programs are and the variables in ``passed``.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=_environment(settings, passed), start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _children.append(process)
    return process


def lives(process: int) -> bool:
    """Whether a process with this number is still at work for us."""
    for child in list(_children):
        if child.poll() is not None:  # ours, and over: take its exit so that it is no zombie
            _children.remove(child)
    try:
        os.kill(process, 0)
    except (OSError, OverflowError, ValueError):  # gone, or somebody else's by now
        return False
    return True


def bound(memory_bytes: int, cpu_s: int, nice: int) -> None:
    """Give this process its bounds: the kernel ends it when it passes one, and lets pages go first."""
    if sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(nice)


def read_state(path: Path, kind: type[T]) -> T | None:
    """The state that was written last; None where there is none, or it is damaged."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return kind(**{one.name: said[one.name] for one in fields(kind)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_state(path: Path, state: "DataclassInstance") -> None:
    """Put a state in the place of the one before, in a folder that is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(state), ensure_ascii=False, default=str), encoding="utf-8")
    draft.replace(path)


def _environment(settings: Settings, passed: Sequence[str]) -> dict[str, Any]:
    own = {"INSTANCE": str(settings.instance)}
    if settings.database_url:
        own["DATABASE_URL"] = settings.database_url
    if settings.router_url:
        own["ROUTER_URL"] = settings.router_url
    if settings.now is not None:
        own["NOW"] = settings.now.isoformat()
    kept = {name: os.environ[name] for name in passed if name in os.environ}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        **kept,
        **own,
    }
