"""The forms of webhook messages and their signatures, checked against values made by openssl."""

import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

from casework.outside_addresses import target
from casework.webhook_forms import MAX_CHAT_BYTES, Item, dingtalk_request, json_request, plain, wecom_request

WHERE = target("https://oapi.dingtalk.com/robot/send?access_token=abc")
ITEMS = [Item("超期：店外经营 <@all> [x](http://evil)", "树林巷 `12` 号\n# 大", "https://b.cn/findings/7")]


def test_json_is_signed_over_time_and_body() -> None:
    made = json_request(WHERE, "a secret of 20 signs", {"event": "overdue", "地": "方"}, "31", 1_788_315_840)
    assert json.loads(made.body) == {"event": "overdue", "地": "方"}
    expected = hmac.new(b"a secret of 20 signs", b"1788315840." + made.body, hashlib.sha256).hexdigest()
    assert made.headers["X-Baopian-Signature"] == f"sha256={expected}"
    assert made.headers["X-Baopian-Timestamp"] == "1788315840"
    assert made.headers["X-Baopian-Delivery"] == "31"


def test_dingtalk_signs_in_the_address() -> None:
    made = dingtalk_request(WHERE, "SEC0123", "包片：1 件", ITEMS, "… 还有 {n} 件", 1_788_315_840)
    query = parse_qs(urlsplit(made.where.path).query)
    assert query["access_token"] == ["abc"]
    assert query["timestamp"] == ["1788315840000"]
    # printf '1788315840000\nSEC0123' | openssl dgst -sha256 -hmac SEC0123 -binary | base64
    digest = hmac.new(b"SEC0123", b"1788315840000\nSEC0123", hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(digest).decode()]
    body = json.loads(made.body)
    assert body["msgtype"] == "markdown"
    assert set(body["markdown"]) == {"title", "text"}
    assert dingtalk_request(WHERE, "", "t", ITEMS, "{n}", 1).where == WHERE


def test_what_people_wrote_has_no_effect_in_a_chat() -> None:
    text = json.loads(wecom_request(WHERE, "包片", ITEMS, "{n}").body)["markdown"]["content"]
    assert "<@all>" not in text
    assert "](http://evil)" not in text
    assert "](https://b.cn/findings/7)" in text
    assert "\n# " not in text
    assert "树林巷 ｀12｀ 号" in text
    assert plain("a\r\nb\u2028c\x00") == "a b c"


def test_a_message_that_is_too_long_says_how_much_is_left_out() -> None:
    items = [Item(f"第 {n} 件", "树林巷" * 20, "") for n in range(100)]
    text = json.loads(wecom_request(WHERE, "包片", items, "… 还有 {n} 件").body)["markdown"]["content"]
    assert len(text.encode()) <= MAX_CHAT_BYTES + 40
    shown = text.count("第 ")
    assert text.endswith(f"… 还有 {100 - shown} 件")
