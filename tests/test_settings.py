"""Settings read from the environment."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from settings import ROOT, BadSetting, Settings


def test_nothing_set_means_the_folder_beside_the_code_and_a_map_as_the_city_says() -> None:
    settings = Settings.from_environment({})
    assert settings.instance == ROOT / "instance"
    assert settings.url == f"sqlite:///{ROOT / 'instance' / 'baopian.sqlite'}"
    assert settings.public_map is None
    assert (settings.session_hours, settings.session_days) == (12, 7)
    assert settings.now is None
    assert settings == Settings()


def test_everything_can_be_set(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "INSTANCE": str(tmp_path), "DATABASE_URL": "postgresql+psycopg:///b", "NEAR_M": "7.5",
            "NOW": "2026-09-02T10:24:00+08:00", "SESSION_HOURS": "2", "SESSION_DAYS": "1", "MAX_REQUEST_MB": "1",
            "SECURE_COOKIES": "yes", "TRUSTED_PROXIES": "1", "LOG_FORMAT": "json",
        }
    )  # fmt: skip
    assert settings.instance == tmp_path
    assert settings.url == "postgresql+psycopg:///b"
    assert settings.near_m == 7.5
    assert settings.now == datetime(2026, 9, 2, 2, 24, tzinfo=UTC)
    assert (settings.session_hours, settings.session_days, settings.max_request_bytes) == (2, 1, 1024**2)
    assert settings.secure_cookies is True
    assert settings.trusted_proxies == 1
    assert settings.log_format == "json"


@pytest.mark.parametrize(
    ("written", "meant"), [("", None), (" ", None), ("1", True), ("on", True), ("0", False), ("No", False)]
)
def test_a_public_map_is_a_choice_of_three(written: str, meant: bool | None) -> None:
    assert Settings.from_environment({"PUBLIC_MAP": written}).public_map is meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_MAP", "maybe"),
        ("NEAR_M", "-1"),
        ("NEAR_M", "nan"),
        ("NOW", "yesterday"),
        ("SESSION_HOURS", "1e999"),
    ],
)
def test_what_cannot_be_understood_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment({name: value})


def test_a_mail_server_needs_a_sender_and_takes_its_password_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "smtp"
    secret.write_text("pa ss\n", encoding="utf-8")
    given = {"SMTP_HOST": "mail.example.cn", "SMTP_SECURITY": "tls", "SMTP_PASSWORD_FILE": str(secret)}
    with pytest.raises(BadSetting, match="MAIL_FROM"):
        Settings.from_environment(given)
    mail = Settings.from_environment({**given, "MAIL_FROM": "bp@example.cn"}).mail
    assert (mail.port, mail.password, mail.is_set) == (465, "pa ss", True)
    assert "pa ss" not in repr(mail)
    assert not Settings().mail.is_set
    with pytest.raises(BadSetting, match="SMTP_PASSWORD_FILE"):
        Settings.from_environment(
            {**given, "MAIL_FROM": "b@c.cn", "SMTP_PASSWORD_FILE": str(tmp_path / "none")}
        )


@pytest.mark.parametrize("address", ["baopian.cn", "ftp://x", "https://a b", "https://user@x", "https://x?y"])
def test_the_public_address_is_one(address: str) -> None:
    with pytest.raises(BadSetting, match="PUBLIC_URL"):
        Settings.from_environment({"PUBLIC_URL": address})
    assert Settings.from_environment({"PUBLIC_URL": "https://x.cn/bp/"}).public_url == "https://x.cn/bp"


def test_every_setting_is_documented() -> None:
    """A setting that nobody can read about is no setting."""
    source = (ROOT / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'(?:environ, "|environ\.get\(")([A-Z_]+)"', source)) | {"SMTP_PASSWORD_FILE"}
    written = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert len(names) >= 11
    assert [name for name in sorted(names) if f"`{name}`" not in written] == []
