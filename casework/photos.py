"""Photo bytes: kept once under their SHA-256, exactly as they came."""

import hashlib
import os
import tempfile
from pathlib import Path

from casework.office import Office


def store_bytes(office: Office, content: bytes) -> str:
    """Write bytes durably to the photo folder and return their SHA-256 (hex)."""
    digest = hashlib.sha256(content).hexdigest()
    target = photo_path(office, digest)
    if target.exists():
        return digest
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest


def photo_path(office: Office, sha256: str) -> Path:
    """Where the bytes with this SHA-256 (hex) are kept."""
    return office.settings.photo_folder / sha256[:2] / sha256
