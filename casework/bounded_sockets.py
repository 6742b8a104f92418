"""Talking to a server that may hang: each step has its time, and the whole has an end."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

STEP_S: Final = 10.0
WHOLE_S: Final = 30.0


class Deadline:
    """Ends a connection from outside when its time is over: a server that sends a byte now and then would never."""

    def __init__(self) -> None:
        self.is_over = False
        self._socket: socket.socket | None = None

    def watch(self, connected: socket.socket) -> None:
        """Watch this connection from now on."""
        self._socket = connected
        if self.is_over:
            self.end()

    def end(self) -> None:
        """End it now; whoever waits for it goes on with an error."""
        self.is_over = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def deadline(whole_s: float = WHOLE_S) -> Iterator[Deadline]:
    """A deadline for everything in this block."""
    made = Deadline()
    timer = threading.Timer(whole_s, made.end)
    timer.daemon = True
    timer.start()
    try:
        yield made
    finally:
        timer.cancel()


def exchange(
    where: tuple[str, str, int],
    ask: tuple[str, str, bytes | None, Mapping[str, str]],
    until: Deadline,
    *,
    address: str = "",
    step_s: float = STEP_S,
    most_bytes: int,
) -> tuple[int, bytes]:
    """One question over HTTP: the answer's status and at most ``most_bytes`` of its body. No redirect is followed.

    ``where`` is (http or https, host, port), ``ask`` (method, path, body, headers); ``address`` is the host's, when
    it was looked up before. Raises OSError and http.client.HTTPException.
    """
    scheme, host, port = where
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=step_s)
    line: socket.socket = socket.create_connection((address or host, port), timeout=step_s)
    try:
        until.watch(line)
        if scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
            until.watch(line)
        connection.sock = line
        method, path, body, headers = ask
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(most_bytes)
    finally:
        connection.close()
        line.close()
