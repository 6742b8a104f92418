"""A certificate of one's own, so that phones in the office's network may tell their position (that needs https)."""

import ipaddress
import os
import re
import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from commands.console import UnusableOption

DAYS = 825  # the longest that phones accept
_SPARE_S = 30 * 24 * 3600
_ANYWHERE = ("192.0.2.1", 9)  # an address that belongs to nobody (RFC 5737)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key (PEM files), and the SHA-256 fingerprint to compare on a phone."""

    cert: Path
    key: Path
    fingerprint: str


def self_signed(instance: Path, host: str) -> Certificate:
    """The installation's own certificate in ``instance/tls``.

    Made when there is none, when it ends within a month, or when this machine is called something else by now.
    Raises UnusableOption where the program openssl is missing or refuses.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise UnusableOption(
            "--tls-self-signed needs the program openssl (Debian: apt install openssl);\n"
            "       or bring a certificate: --tls-cert FILE --tls-key FILE"
        )
    folder = instance / "tls"
    cert, key = folder / "cert.pem", folder / "key.pem"
    names = _names(host)
    if not (cert.is_file() and key.is_file() and _still_good(openssl, cert, names)):
        folder.mkdir(parents=True, exist_ok=True)
        _make(openssl, folder, cert, key, names)
    shown = _run([openssl, "x509", "-in", str(cert), "-noout", "-fingerprint", "-sha256"])
    return Certificate(cert, key, shown.partition("=")[2].strip())


def _still_good(openssl: str, cert: Path, names: list[str]) -> bool:
    """Whether a certificate lasts another month and has every name."""
    look = [openssl, "x509", "-in", str(cert), "-noout", "-checkend", str(_SPARE_S), "-ext", "subjectAltName"]
    done = subprocess.run(look, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    listed = {name.strip().replace("IP Address:", "IP:") for name in re.split(r"[,\n]", done.stdout)}
    known = {_plain(name) for name in listed}
    return done.returncode == 0 and all(_plain(name) in known for name in names)


def _plain(name: str) -> str:
    """A name in one spelling: openssl writes IPv6 addresses out in full."""
    kind, _, value = name.partition(":")
    with suppress(ValueError):
        return f"{kind}:{ipaddress.ip_address(value)}"
    return name


def _make(openssl: str, folder: Path, cert: Path, key: Path, names: list[str]) -> None:
    draft_cert, draft_key = folder / ".cert.pem", folder / ".key.pem"
    before = os.umask(0o077)
    try:
        _run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", str(DAYS),
             "-subj", f"/CN={names[0].partition(':')[2]}", "-addext", f"subjectAltName={','.join(names)}",
             "-keyout", str(draft_key), "-out", str(draft_cert)]
        )  # fmt: skip
    finally:
        os.umask(before)
    draft_key.replace(key)
    draft_cert.replace(cert)


def _names(host: str) -> list[str]:
    """What the server may be called: the host asked for, this machine's name and addresses."""
    found = [host.strip("[]"), socket.gethostname(), "localhost", "127.0.0.1", "::1"]
    with suppress(OSError):  # a machine that does not know its own name still has the others
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)]
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.connect(_ANYWHERE)  # sends nothing: it only asks which of our addresses would be used
        found.append(way.getsockname()[0])
    names = []
    for name in dict.fromkeys(found):
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            names.append(f"DNS:{name}")
            continue
        if not address.is_unspecified:
            names.append(f"IP:{address}")
    return sorted(names, key=lambda name: not name.startswith("DNS:"))


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    if done.returncode:
        raise UnusableOption(f"--tls-self-signed: openssl says {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout
