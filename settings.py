"""The application's settings: one frozen object, read from the environment once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent


class BadSetting(ValueError):
    """A setting cannot be used; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs from one installation to another.

    ``instance`` holds the database, the photos and the secret key. ``near_m`` is the distance in metres within
    which a finding counts as near a border. ``now`` freezes the clock (tests, screenshots); None means real time.
    ``public_map`` opens the map to everybody; None means: only where the city is the demo. A session ends after
    ``session_hours`` without a request, and ``session_days`` after the sign-in in any case.
    """

    instance: Path = ROOT / "instance"
    database_url: str = ""
    public_map: bool | None = None
    near_m: float = 5.0
    now: datetime | None = None
    session_hours: int = 12
    session_days: int = 7
    max_request_bytes: int = 16 * 1024 * 1024
    secure_cookies: bool = False
    trusted_proxies: int = 0
    log_format: str = "text"

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database: the configured one or the embedded SQLite file."""
        return self.database_url or f"sqlite:///{self.instance / 'baopian.sqlite'}"

    @property
    def photo_folder(self) -> Path:
        """The folder that holds the photos' original bytes."""
        return self.instance / "photos"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings from environment variables.

        Raises BadSetting when a value cannot be understood.
        """
        return cls(
            instance=Path(environ.get("INSTANCE") or ROOT / "instance").expanduser().resolve(),
            database_url=environ.get("DATABASE_URL", ""),
            public_map=_flag(environ, "PUBLIC_MAP") if environ.get("PUBLIC_MAP", "").strip() else None,
            near_m=_number(environ, "NEAR_M", default=5.0),
            now=_moment(environ, "NOW"),
            session_hours=int(_number(environ, "SESSION_HOURS", default=12)),
            session_days=int(_number(environ, "SESSION_DAYS", default=7)),
            max_request_bytes=int(_number(environ, "MAX_REQUEST_MB", default=16) * 1024 * 1024),
            secure_cookies=_flag(environ, "SECURE_COOKIES", default=False),
            trusted_proxies=int(_number(environ, "TRUSTED_PROXIES", default=0)),
            log_format=_choice(environ, "LOG_FORMAT", ("text", "json")),
        )


def _flag(environ: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    text = environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name}={text!r}: write 1 or 0")


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = environ.get(name, "").strip().lower() or choices[0]
    if text not in choices:
        raise BadSetting(f"{name}={text!r}: write {' or '.join(choices)}")
    return text


def _number(environ: Mapping[str, str], name: str, *, default: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e9:
        raise BadSetting(f"{name}={text!r}: write a number from 0 up")
    return value


def _moment(environ: Mapping[str, str], name: str) -> datetime | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"{name}={text!r}: write a time such as 2026-09-02T10:24:00+08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
