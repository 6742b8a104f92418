"""What a webhook is sent: the three message forms, and how each is signed. Pure: no network, no database."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus

from casework.mailing import one_line
from casework.outside_addresses import Target

FORMS: Final = ("json", "wecom", "dingtalk")
CHATS: Final = frozenset({"wecom", "dingtalk"})
# Enterprise WeChat takes 4096 bytes of markdown; DingTalk 20,000. One bound for both, with room for the last line.
MAX_CHAT_BYTES: Final = 3900
# Signs that mean something in a chat's markdown, and their wide forms that mean nothing.
_PLAIN: Final = str.maketrans("<>[]()*_`#~|\\@&", "＜＞［］（）＊＿｀＃～｜＼＠＆")


@dataclass(frozen=True, slots=True)
class Item:
    """One event in words of the webhook's language: a headline, a line of facts, and the address of the case."""

    headline: str
    facts: str
    url: str


@dataclass(frozen=True, slots=True)
class Request:
    """What to post where."""

    where: Target
    body: bytes
    headers: dict[str, str]


def plain(text: str) -> str:
    """A person's text as it can stand in a chat's markdown: on one line, its signs without effect."""
    return one_line(text).translate(_PLAIN)


def json_request(where: Target, secret: str, event: Mapping[str, Any], delivery: str, at_s: int) -> Request:
    """An event as JSON, signed: HMAC-SHA256 over ``timestamp.body`` (RFC 2104), hexadecimal."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        **_headers(),
        "X-Baopian-Delivery": delivery,
        "X-Baopian-Event": str(event.get("event", "")),
        "X-Baopian-Timestamp": str(at_s),
    }
    if secret:
        signed = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
        headers["X-Baopian-Signature"] = f"sha256={signed}"
    return Request(where, body, headers)


def wecom_request(where: Target, title: str, items: Sequence[Item], more: str) -> Request:
    """Events as one markdown message of an Enterprise WeChat group robot; its key stands in the address."""
    content = chat_text(title, items, more)
    return Request(where, _json({"msgtype": "markdown", "markdown": {"content": content}}), _headers())


def dingtalk_request(
    where: Target, secret: str, title: str, items: Sequence[Item], more: str, at_s: int
) -> Request:
    """Events as one markdown message of a DingTalk group robot, signed as its "additional signature" asks.

    The sign is the Base64 of HMAC-SHA256(secret, "timestamp_ms newline secret"), in the address with the time.
    """
    body = _json(
        {"msgtype": "markdown", "markdown": {"title": plain(title), "text": chat_text(title, items, more)}}
    )
    if not secret:
        return Request(where, body, _headers())
    stamp = f"{at_s * 1000}"
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    joint = "&" if "?" in where.path else "?"
    path = f"{where.path}{joint}timestamp={stamp}&sign={sign}"
    return Request(Target(where.scheme, where.host, where.port, path), body, _headers())


def chat_text(title: str, items: Sequence[Item], more: str) -> str:
    """The markdown of a chat message: a title, and each event as a line; what has no room is counted by ``more``.

    ``more`` has the place ``{n}``.
    """
    lines = [f"**{plain(title)}**"]
    size = len(lines[0].encode())
    for at, item in enumerate(items):
        head = plain(item.headline)
        linked = f"[{head}]({item.url})" if item.url else head
        line = f"\n\n{linked}  \n{plain(item.facts)}"
        size += len(line.encode())
        if size > MAX_CHAT_BYTES:
            lines.append("\n\n" + more.replace("{n}", str(len(items) - at)))
            break
        lines.append(line)
    return "".join(lines)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _headers() -> dict[str, str]:
    return {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Baopian"}
