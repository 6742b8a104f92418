"""Servers outside, for tests: one that takes mail, one that takes webhooks, and both in their bad moods."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from settings import MailServer


@dataclass
class MailSink:
    """A mail server on this machine. ``mood``: takes, hangs, busy (4xx), refuses (5xx), drips (a byte now and then)."""

    port: int
    mood: str = "takes"
    letters: list[tuple[str, str]] = field(default_factory=list)  # (to, the message as it came)
    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    @property
    def server(self) -> MailServer:
        """As the settings have it."""
        return MailServer(host="127.0.0.1", port=self.port, security="none", sender="baopian@example.cn")


class _MailTalk(socketserver.StreamRequestHandler):
    server: "_MailServer"

    def handle(self) -> None:
        sink = self.server.sink
        sink.reached.set()
        if sink.mood == "hangs":
            sink.released.wait(60)
        elif sink.mood == "drips":
            self.drip(sink)
        else:
            self.converse(sink)

    def drip(self, sink: MailSink) -> None:
        while not sink.released.wait(0.05):
            try:
                self.wfile.write(b"2")
            except OSError:
                return

    def converse(self, sink: MailSink) -> None:
        self.say("220 ready")
        to = ""
        while line := self.rfile.readline().decode("latin-1").strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self.say({"busy": "451 later", "refuses": "550 no such user"}.get(sink.mood, "250 ok"))
            elif verb == "DATA":
                self.say("354 go on")
                sink.letters.append((to, self.message()))
                self.say("250 taken")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def message(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode("ascii").rstrip("\r\n")) != ".":
            lines.append(line[1:] if line.startswith("..") else line)
        return "\r\n".join(lines)


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    sink: MailSink


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server on a free port."""
    with _MailServer(("127.0.0.1", 0), _MailTalk) as server:
        sink = server.sink = MailSink(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.released.set()
            server.shutdown()
            thread.join()


@dataclass
class Taken:
    """A request that came: path, headers (lower case), body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebSink:
    """A web server on this machine that answers with ``status`` and ``answer``; ``mood`` hangs: it does not."""

    port: int
    status: int = 200
    answer: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    mood: str = "answers"
    taken: list[Taken] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    server: ThreadingHTTPServer | None = None

    def guard(self, context: ssl.SSLContext) -> None:
        """Speak https from now on."""
        assert self.server is not None
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=geheim"


@contextmanager
def web_sink() -> Iterator[WebSink]:
    """A web server on a free port."""

    class Talk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sink.taken.append(Taken(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            sink.reached.set()
            if sink.mood == "hangs":
                sink.released.wait(60)
                return
            self.send_response(sink.status)
            for name, value in sink.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(sink.answer)
            except OSError:
                return  # whoever asked has had enough

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    server.daemon_threads = True
    sink = WebSink(server.server_address[1], server=server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def nobodys_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
