"""Talking to a server that may hang: each step has its time, and the whole has an end."""

import socket
import threading
from collections.abc import Iterator
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
