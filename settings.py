"""The application's settings: one frozen object, read from the environment once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SECURITIES = ("starttls", "tls", "none")
_SENDER = re.compile(r"[^\s@<>,;:\"()]{1,64}@[A-Za-z0-9.-]{1,190}")


class BadSetting(ValueError):
    """A setting cannot be used; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail (SMTP); without a ``host`` no mail is sent.

    ``security`` is how the line is protected: ``starttls``, ``tls`` from the first byte, or ``none``.
    """

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""

    @property
    def is_set(self) -> bool:
        """Whether mail can be sent at all."""
        return bool(self.host and self.sender)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "MailServer":
        """Read SMTP_* and MAIL_FROM. Raises BadSetting when they do not fit together."""
        host, security = environ.get("SMTP_HOST", "").strip(), _choice(environ, "SMTP_SECURITY", SECURITIES)
        usual = {"starttls": 587, "tls": 465, "none": 25}[security]
        sender = environ.get("MAIL_FROM", "").strip()
        if host and not _SENDER.fullmatch(sender):
            raise BadSetting(
                f"MAIL_FROM={sender!r}: SMTP_HOST is set, so write the sender's address, name@host"
            )
        return cls(
            host=host,
            port=int(_number(environ, "SMTP_PORT", default=usual)),
            security=security,
            user=environ.get("SMTP_USER", ""),
            password=_secret(environ, "SMTP_PASSWORD"),
            sender=sender,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs from one installation to another.

    ``instance`` holds the database, the photos and the secret key. ``near_m`` is the distance in metres within
    which a finding counts as near a border. ``now`` freezes the clock (tests, screenshots); None means real time.
    ``public_map`` opens the map to everybody; None means: only where the city is the demo. A session ends after
    ``session_hours`` without a request, and ``session_days`` after the sign-in in any case. Positions of rounds are
    deleted after ``track_days``. ``router_url`` names a routing server of one's own that gives ways on streets.

    ``public_url`` is the address that people reach the pages by: links in mails and messages begin with it.
    ``webhooks_to_private`` lets webhooks go to addresses inside one's own network. Notices that were read, and the
    log of what was sent, are kept for ``notice_days``. Findings of one category within ``recurrence_m`` metres and
    ``recurrence_days`` after closing count as the same one come back.
    """

    instance: Path = ROOT / "instance"
    database_url: str = ""
    public_map: bool | None = None
    near_m: float = 5.0
    now: datetime | None = None
    session_hours: int = 12
    session_days: int = 7
    track_days: int = 30
    router_url: str = ""
    max_request_bytes: int = 16 * 1024 * 1024
    secure_cookies: bool = False
    trusted_proxies: int = 0
    log_format: str = "text"
    public_url: str = ""
    mail: MailServer = MailServer()
    webhooks_to_private: bool = False
    notice_days: int = 180
    recurrence_m: float = 25.0
    recurrence_days: int = 365

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
            router_url=_router(environ, "ROUTER_URL"),
            track_days=min(int(_number(environ, "TRACK_DAYS", default=30)), 36_500),
            max_request_bytes=int(_number(environ, "MAX_REQUEST_MB", default=16) * 1024 * 1024),
            secure_cookies=_flag(environ, "SECURE_COOKIES", default=False),
            trusted_proxies=int(_number(environ, "TRUSTED_PROXIES", default=0)),
            log_format=_choice(environ, "LOG_FORMAT", ("text", "json")),
            public_url=_address(environ, "PUBLIC_URL"),
            mail=MailServer.from_environment(environ),
            webhooks_to_private=_flag(environ, "WEBHOOKS_TO_PRIVATE", default=False),
            notice_days=int(_number(environ, "NOTICE_DAYS", default=180)),
            recurrence_m=_number(environ, "RECURRENCE_M", default=25.0),
            recurrence_days=int(_number(environ, "RECURRENCE_DAYS", default=365)),
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


def _secret(environ: Mapping[str, str], name: str) -> str:
    """A secret, or what stands in the file that ``NAME_FILE`` names: so it need not stand in the environment."""
    file = environ.get(f"{name}_FILE", "").strip()
    if not file:
        return environ.get(name, "")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise BadSetting(f"{name}_FILE={file!r}: cannot be read ({type(error).__name__})") from None


def _address(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "").strip().rstrip("/")
    if text and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise BadSetting(f"{name}={text!r}: write an address such as https://baopian.example.cn")
    return text


def _router(environ: Mapping[str, str], name: str) -> str:
    text = environ.get(name, "").strip().rstrip("/")
    if text and not re.fullmatch(r"(osrm|valhalla)\+https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise BadSetting(
            f"{name}={text!r}: write osrm+http://127.0.0.1:5000 or valhalla+https://routes.example.cn"
        )
    return text


def _moment(environ: Mapping[str, str], name: str) -> datetime | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadSetting(f"{name}={text!r}: write a time such as 2026-09-02T10:24:00+08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
