"""Posting to a webhook: to a checked address, without following redirects, with bounds on time and answer."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from casework.bounded_sockets import STEP_S, WHOLE_S, deadline, exchange
from casework.errors import mark
from casework.outside_addresses import Target, Unreachable, resolved

MAX_ANSWER: Final = 2048
KEPT_ANSWER: Final = 300
_TOO_SLOW: Final = mark("no answer in time")
_REDIRECT: Final = mark("a redirect, which is not followed: give the address that it leads to")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try.

    ``error`` says why it was not taken (an English msgid), ``detail`` adds a code, ``answer`` is what was answered,
    ``is_final`` that trying again would not help.
    """

    ok: bool
    error: str = ""
    detail: str = ""
    answer: str = ""
    is_final: bool = False


def post(
    where: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private: bool = False,
    step_s: float = STEP_S,
    whole_s: float = WHOLE_S,
) -> Answer:
    """Post ``body`` and say what came of it; whatever the other side does, this ends within ``whole_s``."""
    with deadline(whole_s) as until:
        try:
            ip = resolved(where, private=private)
            status, said = exchange(
                (where.scheme, where.host, where.port), ("POST", where.path, body, headers), until,
                address=ip, step_s=step_s, most_bytes=MAX_ANSWER,
            )  # fmt: skip
        except Unreachable as error:
            return Answer(False, str(error))
        except ssl.SSLCertVerificationError as error:
            return Answer(False, mark("its certificate is not trusted"), error.verify_message)
        except ssl.SSLError as error:
            return Answer(False, mark("no secure line"), error.reason or "TLS")
        except TimeoutError:
            return Answer(False, _TOO_SLOW)
        except (OSError, http.client.HTTPException) as error:
            if until.is_over:
                return Answer(False, _TOO_SLOW)
            return Answer(False, mark("no connection"), type(error).__name__)
    return judged(status, said)


def judged(status: int, said: bytes) -> Answer:
    """What an answer means. Chat servers answer 200 with ``errcode`` other than 0 when they refuse."""
    text = printable(said)
    if 300 <= status < 400:
        return Answer(False, _REDIRECT, f"HTTP {status}", text)
    if not 200 <= status < 300:
        return Answer(False, mark("it answered with a fault"), f"HTTP {status}", text, is_final=status == 410)
    code = _errcode(said)
    if code:
        return Answer(False, mark("it refused the message"), f"errcode {code}", text)
    return Answer(True, answer=text)


def printable(said: bytes) -> str:
    """The beginning of an answer as one line of text."""
    text = said[:MAX_ANSWER].decode("utf-8", "replace")
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:KEPT_ANSWER]


def _errcode(said: bytes) -> int:
    try:
        code = json.loads(said).get("errcode", 0)
    except (ValueError, AttributeError, RecursionError):
        return 0
    return code if isinstance(code, int) else 0
