"""A worker that tells people who forgot the s in https, instead of hanging up on them."""

import socket
from contextlib import suppress
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

_TLS_HANDSHAKE: Final = 0x16
_WAIT_S: Final = 5.0
_WORDS: Final = (
    "This server speaks https only: write https:// in front of the address.\n"
    "本服务只用 https：请在地址前面写上 https://。\n"
)
ANSWER: Final = (
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    f"Content-Length: {len(_WORDS.encode())}\r\n\r\n{_WORDS}"
).encode()


class HttpsWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Looks at the first byte of a connection: plain http gets an answer in plain http."""

    def handle(self, conn: Any) -> Any:
        """Answer a connection; see gunicorn's own worker."""
        if not conn.initialized and (conn.data_ready or conn.wait_for_data(_WAIT_S)):
            conn.data_ready = True
            first = b""
            with suppress(OSError):
                first = conn.sock.recv(1, socket.MSG_PEEK)
            if first and first[0] != _TLS_HANDSHAKE:
                _say_so(conn.sock)
                return False
        return super().handle(conn)


def _say_so(client: socket.socket) -> None:
    with suppress(OSError):
        client.settimeout(_WAIT_S)
        client.recv(65536)  # what is left unread would cut the answer off
        client.sendall(ANSWER)
        client.shutdown(socket.SHUT_WR)
