"""Posting to webhooks: what is taken, what is not and why, and that nothing lasts for ever."""

import shutil
import ssl
from pathlib import Path

import pytest

from casework.errors import Refused
from casework.outside_addresses import target
from casework.posting import judged, post
from commands.tls import self_signed
from tests.factories.outside import nobodys_port, web_sink

HEADERS = {"Content-Type": "application/json"}


def test_what_is_taken_and_what_is_not() -> None:
    with web_sink() as sink:
        where = target(sink.url)
        for status, answer, ok, said in (
            (200, b'{"errcode":0}', True, ""),
            (204, b"", True, ""),
            (200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', False, "refused"),
            (302, b"", False, "redirect"),
            (404, b"no", False, "fault"),
            (503, b"\x00\xff later", False, "fault"),
        ):
            sink.status, sink.answer, sink.headers = (
                status,
                answer,
                {"Location": sink.url} if status == 302 else {},
            )
            came = post(where, b"{}", HEADERS, private=True)
            assert came.ok is ok, status
            assert said in came.error
            assert not came.is_final
        assert len(sink.taken) == 6  # a redirect is not followed
        assert sink.taken[0].path == "/hook?key=geheim"
        assert sink.taken[0].headers["host"] == f"127.0.0.1:{sink.port}"


def test_of_an_endless_answer_only_the_beginning_is_read() -> None:
    with web_sink() as sink:
        sink.answer = b"a" * 5_000_000
        came = post(target(sink.url), b"{}", HEADERS, private=True)
    assert came.ok
    assert len(came.answer) == 300


def test_a_server_that_hangs_is_left() -> None:
    with web_sink() as sink:
        sink.mood = "hangs"
        came = post(target(sink.url), b"{}", HEADERS, private=True, step_s=0.2)
        assert (came.ok, came.error) == (False, "no answer in time")
        came = post(target(sink.url), b"{}", HEADERS, private=True, step_s=30, whole_s=0.2)
        assert (came.ok, came.error) == (False, "no answer in time")


def test_nobody_there_and_no_secure_line() -> None:
    assert (
        post(target(f"http://127.0.0.1:{nobodys_port()}/"), b"", HEADERS, private=True).error
        == "no connection"
    )
    with web_sink() as sink:
        came = post(target(sink.url.replace("http:", "https:")), b"", HEADERS, private=True, step_s=2)
        assert came.error in {"no secure line", "no connection", "no answer in time"}
        assert not sink.taken


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    own = self_signed(tmp_path, "127.0.0.1")
    with web_sink() as sink:
        guard = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        guard.load_cert_chain(own.cert, own.key)
        sink.guard(guard)
        came = post(target(sink.url.replace("http:", "https:")), b"geheim", HEADERS, private=True, step_s=5)
        assert came.error == "its certificate is not trusted"
        assert not sink.taken


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0", "[::1]", "[::ffff:10.0.0.1]",
     "[fe80::1]", "[fd00::1]", "[64:ff9b::a00:1]", "[2002:0a00:0001::]", "2130706433", "0x7f.1", "100.64.0.1"],
)  # fmt: skip
def test_our_own_network_is_not_asked(host: str) -> None:
    came = post(target(f"http://{host}:9/"), b"", HEADERS)
    assert not came.ok
    assert "inside our own network" in came.error or "no address" in came.error


def test_gone_is_gone() -> None:
    assert judged(410, b"").is_final
    assert not judged(500, b"").is_final
    assert judged(200, b"[" * 100_000).ok
    assert judged(200, b'["errcode"]').ok


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.cn/", "javascript:alert(1)", "https://", "https://u:p@a.cn/", "https://a.cn:0/", "https://a.cn:99999/",
     "https://a.cn/ x", "https://a.cn/\r\nX: y", "//a.cn", "https://a..cn/", "http://[::1", "https://a.cn/é"],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        target(url)
    assert refusal.value.field == "url"


def test_an_address_is_shown_without_its_key() -> None:
    assert (
        target("https://qyapi.weixin.qq.com/cgi-bin/send?key=geheim").shown == "https://qyapi.weixin.qq.com/…"
    )
    assert "geheim" not in target("http://a.cn:8080/geheim").shown
    assert target("http://[2001:db8::1]:8080/x").shown == "http://[2001:db8::1]:8080/…"
