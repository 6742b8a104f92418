"""The commands that keep everything, and serving over https: exit codes, words, and what is left behind."""

import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from commands import tls
from tests.test_repository import ROOT

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no program openssl here")


def run(*words: object) -> Result:
    """Run `baopian` with these words; an exception that is not an exit fails the test."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An INSTANCE with a city of its own."""
    for name in ("DATABASE_URL", "NOW", "NEAR_M", "SECURE_COOKIES", "TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INSTANCE", str(tmp_path / "instance"))
    extent = tmp_path / "extent.geojson"
    extent.write_text(
        '{"type": "Polygon", "coordinates": [[[101, 36], [102, 36], [102, 37], [101, 37], [101, 36]]]}',
        encoding="utf-8",
    )
    assert run("init", "--city", "西宁", "--extent", extent, "--timezone", "Asia/Shanghai").exit_code == 0
    return tmp_path / "instance"


def test_backup_restore_and_verify_as_one_would_type_them(
    instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "b.zip"
    assert (run("verify").exit_code, run("backup", archive).exit_code) == (0, 0)
    again = run("backup", archive)
    assert (again.exit_code, "add --force" in again.stderr) == (1, True)
    assert run("backup", archive, "--force").exit_code == 0
    full = run("restore", archive)
    assert (full.exit_code, "--force moves it aside" in full.stderr, full.stdout) == (1, True, "")
    forced = run("restore", archive, "--force")
    assert (forced.exit_code, "is kept in" in forced.stdout) == (0, True)
    monkeypatch.setenv("INSTANCE", str(tmp_path / "drill"))
    assert "Restored the backup of" in run("restore", archive).stdout
    assert "Everything is whole." in run("verify").stdout


def test_what_cannot_be_is_refused_in_words(instance: Path, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no archive")
    for words, status, reason in (
        (("backup", tmp_path / "none" / "b.zip"), 1, "there is no such folder"),
        (("backup", tmp_path), 2, "is a directory"),
        (("restore", tmp_path / "none.zip"), 1, "No such file"),
        (("restore", tmp_path / "no.zip"), 1, "is no backup"),
        (("restore", tmp_path), 2, "is a directory"),
        (("backup",), 2, "Missing argument"),
    ):
        result = run(*words)
        assert (result.exit_code, reason in result.stderr) == (status, True), result.stderr


def test_verify_ends_with_1_where_something_is_broken(instance: Path) -> None:
    with sqlite3.connect(instance / "baopian.sqlite") as behind:
        behind.execute("UPDATE categories SET parent_id = 9999 WHERE code = '0102'")
    behind.close()
    result = run("verify")
    assert (result.exit_code, "1 broken" in result.stdout) == (1, True)
    assert "the parent_id that it names is not in categories" in result.stderr


@openssl
def test_a_certificate_is_kept_until_it_ends_or_the_machine_is_called_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tls.self_signed(tmp_path, "map.example")
    assert tls.self_signed(tmp_path, "map.example").fingerprint == first.fingerprint
    assert first.key.stat().st_mode & 0o077 == 0
    other = tls.self_signed(tmp_path, "other.example")
    assert other.fingerprint != first.fingerprint
    monkeypatch.setattr(tls, "_SPARE_S", (tls.DAYS + 1) * 24 * 3600)
    assert tls.self_signed(tmp_path, "other.example").fingerprint != other.fingerprint


def test_without_openssl_it_says_what_else_would_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commands.tls.shutil.which", lambda _name: None)
    with pytest.raises(ValueError, match="--tls-cert FILE --tls-key FILE"):
        tls.self_signed(tmp_path, "map.example")


@openssl
def test_https_is_served_and_http_is_told_so(instance: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "cli.py", "serve", "--port", str(port), "--workers", "1", "--tls-self-signed"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == f"Baopian is at https://127.0.0.1:{port}\n"
        trusting = ssl.create_default_context(cafile=str(instance / "tls" / "cert.pem"))
        with urllib.request.urlopen(
            f"https://127.0.0.1:{port}/sign-in", timeout=60, context=trusting
        ) as answer:
            assert answer.status == 200
            assert all("; Secure" in cookie for cookie in answer.headers.get_all("Set-Cookie"))
            assert "Strict-Transport-Security" not in answer.headers  # nobody vouches for this certificate
        with pytest.raises(urllib.request.HTTPError, match="400") as plain:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60)
        with plain.value as said:
            assert "write https:// in front" in said.read().decode()
    finally:
        server.terminate()
        assert server.stdout is not None
        rest = server.stdout.read()  # not communicate(): it would miss lines that readline() took along
        server.stdout.close()
        server.wait(timeout=60)
    assert "Certificate made here, SHA-256 " in rest
    assert "Traceback" not in rest
    assert server.returncode == 0
