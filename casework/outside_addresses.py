"""Which addresses outside we talk to: http and https, to machines that are not inside our own network."""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from casework import fields
from casework.errors import Refused, mark

MAX_URL: Final = 1000
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unreachable(Exception):
    """An address that we do not or cannot talk to; the message is an English msgid without anything secret."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked web address, taken apart. ``shown`` leaves out the query and the end of the path: keys stand there."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """The address for people, without what may be a key."""
        usual = {"http": 80, "https": 443}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{'' if self.port == usual else f':{self.port}'}/…"


def target(url: object) -> Target:
    """A web address that a webhook may have. Raises Refused naming ``url``."""
    written = fields.text(url, "url", limit=MAX_URL, required=True)
    try:
        parts = urlsplit(written)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        raise _no_address() from None
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise _no_address()
    if parts.username is not None or parts.password is not None:
        raise Refused(mark("url: leave out the name and password before @"), field="url")
    if any(not 0x21 <= ord(sign) <= 0x7E for sign in parts.path + parts.query):
        raise Refused(mark("url: write spaces and special signs in their encoded form"), field="url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or {"http": 80, "https": 443}[parts.scheme], path)


def _no_address() -> Refused:
    return Refused(mark("url: write an address that begins with https:// or http://"), field="url")


def resolved(where: Target, *, private: bool) -> str:
    """The IP address to connect to: looked up now, so that a name cannot be turned round after it was checked.

    Raises Unreachable when there is none, or when any is inside our own network and ``private`` is not allowed.
    """
    try:
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(mark("the name has no address")) from None
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses:
        raise Unreachable(mark("the name has no address"))
    if not private and any(is_inside(one) for one in addresses):
        raise Unreachable(mark("the address lies inside our own network (WEBHOOKS_TO_PRIVATE=1 allows it)"))
    return str(addresses[0])


def is_inside(address: Address) -> bool:
    """Whether an address is none of the open internet: private, loopback, reserved, or such a one wrapped in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_inside(inner)
    return not address.is_global or address.is_multicast
