"""`baopian serve`: the web server."""

import ipaddress
import os
import socket
import ssl
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import click

from casework.office import Office
from commands.console import UnusableOption, open_office, say
from settings import Settings

_HTTPS_PORT = 443


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=None, help="Processes (one a core, at most 4)."
)
@click.option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Serve https with this certificate (PEM).",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The certificate's private key (PEM).",
)
@click.option("--tls-self-signed", is_flag=True, help="Serve https with a certificate made here (openssl).")
def serve(
    host: str,
    port: int,
    workers: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_self_signed: bool,
) -> None:
    """Serve the map and its pages."""
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together")
    if tls_self_signed and tls_cert:
        raise click.UsageError("either --tls-self-signed or --tls-cert, not both")
    settings = Settings.from_environment()
    with open_office() as office:
        lines = _ready(office, host)
    _require_free(host, port)
    if tls_cert and tls_key:
        _check_certificate(tls_cert, tls_key)
    if tls_self_signed:
        from commands.tls import self_signed

        own = self_signed(settings.instance, host)
        tls_cert, tls_key = own.cert, own.key
        lines.append(f"Certificate made here, SHA-256 {own.fingerprint}")
    if tls_cert:
        settings = replace(settings, secure_cookies=True)
    insist = tls_cert is not None and not tls_self_signed and port == _HTTPS_PORT
    shown = f"[{host}]" if ":" in host else host
    address = f"{'https' if tls_cert else 'http'}://{shown}:{port}"
    bind, count = f"{shown}:{port}", workers or _default_workers()
    _run(settings, bind, count, tls_cert, tls_key, address, lines, insist=insist)


def _ready(office: Office, host: str) -> list[str]:
    """Refuse to serve what is not initialised, or demo passwords to others; returns how to sign in."""
    from casework import accounts, founding
    from commands.welcome import sign_in_lines

    founding.require_ready(office)
    if not _is_loopback(host) and accounts.demo_cards(office):
        raise UnusableOption(
            f"--host {host}: the demo's passwords are known to everybody, so it is served on 127.0.0.1 only.\n"
            "       Start your own city (baopian init --city) or give those accounts other passwords first."
        )
    return sign_in_lines(office)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _default_workers() -> int:
    return max(1, min(4, os.cpu_count() or 1))


def _require_free(host: str, port: int) -> None:
    """Say at once that a port is taken, instead of trying again for five seconds."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise UnusableOption(f"--host {host}: this address is unknown ({error})") from None
    with socket.socket(family, kind, protocol) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(target)
        except PermissionError:
            raise UnusableOption(f"--port {port}: ports below 1024 need root; choose another") from None
        except OSError as error:
            raise UnusableOption(
                f"{host}:{port} cannot be used ({error.strerror}). Another port: baopian serve --port N,"
                " or PORT=N make run"
            ) from None


def _check_certificate(cert: Path, key: Path) -> None:
    """Refuse files that no handshake would come about with: the server would start all the same."""
    try:
        # An empty password: a locked key is refused instead of asked about on the terminal.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key, password="")
    except ssl.SSLError as error:
        raise UnusableOption(
            f"--tls-cert {cert} --tls-key {key}: not a certificate and its key, as unlocked PEM files ({error.reason})"
        ) from None


def _run(
    settings: Settings,
    bind: str,
    workers: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    address: str,
    lines: list[str],
    *,
    insist: bool,
) -> None:
    """Hand over to gunicorn: it forks workers, ends them gracefully on SIGTERM and Ctrl-C."""
    from gunicorn.app.base import BaseApplication

    def announce(_server: Any) -> None:
        say(f"Baopian is at {address}", f"包片已启动：{address}")
        for line in lines:
            click.echo(line)
        say("Stop it with Ctrl-C.", "按 Ctrl-C 停止。")

    options = {
        "bind": bind,
        "workers": workers,
        "worker_class": "commands.https_worker.HttpsWorker" if tls_cert else "gthread",
        "threads": 8,
        "timeout": 120,
        "graceful_timeout": 20,
        "keepalive": 30,
        "limit_request_line": 8190,
        "loglevel": "warning",
        "control_socket_disable": True,  # it would lie in the home folder, one for all installations
        "when_ready": announce,
        "proc_name": "baopian",
        "certfile": str(tls_cert) if tls_cert else None,
        "keyfile": str(tls_key) if tls_key else None,
    }

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from app import create_app
            from casework import problem_map
            from web import context, log, transport

            log.speak(settings.log_format)
            app = create_app(settings)
            if insist:
                transport.insist_on_https(app)
            _deliver(app)
            # A million findings take seconds to read: nobody should wait for it at the first page.
            Thread(target=problem_map.warm, args=(app.extensions[context.EXTENSION],), daemon=True).start()
            return app

    Server().run()


def _deliver(app: Any) -> None:
    """Send mails and messages in a thread: of several server processes the one that holds the lock does."""
    from casework import deliverer
    from web import context
    from web.notice_words import Speaker

    deliverer.begin(app.extensions[context.EXTENSION], Speaker(app))
