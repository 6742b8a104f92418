"""What keeps the pages safe: who is asking, CSRF tokens, the content security policy, and local redirects."""

import re
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from flask import session as browser
from flask_wtf.csrf import CSRFProtect

from casework import keys, sessions
from casework.errors import NotSignedIn, mark
from casework.policy import ANONYMOUS
from web import context, uploads

COOKIE = "baopian_session"
_UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HOST = re.compile(r"[A-Za-z0-9.{}\-]+(:\d{1,5})?")

csrf = CSRFProtect()

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def protect(app: Flask) -> None:
    """Find out who is asking before each request, demand CSRF tokens, and put the headers on each answer."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # checked below, once it is known who is asking
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lives as long as the browser's session
    csrf.init_app(app)
    app.before_request(_recognise)
    app.before_request(_demand_token)
    app.after_request(_put_headers)


def csp_nonce() -> str:
    """This answer's nonce for the one inline script that a page may have."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def session_token() -> str:
    """The token in the browser's cookie, empty when there is none."""
    return request.cookies.get(COOKIE, "")


def start_session(response: Response, token: str) -> None:
    """Hand a new token to the browser; what it had before (and its CSRF token) is dropped."""
    browser.clear()
    renew_session(response, token)


def renew_session(response: Response, token: str) -> None:
    """Hand a new token to a browser that goes on with the same person."""
    settings = context.office().settings
    response.set_cookie(
        COOKIE, token, max_age=settings.session_days * 24 * 3600, path="/",
        secure=settings.secure_cookies, httponly=True, samesite="Lax",
    )  # fmt: skip


def forget_session(response: Response) -> None:
    """Take the token from the browser."""
    browser.clear()
    settings = context.office().settings
    response.delete_cookie(COOKIE, path="/", secure=settings.secure_cookies, httponly=True, samesite="Lax")


def local_path(wanted: str | None, fallback: str = "/") -> str:
    """A path of ours to go on to: anything that could lead to another host becomes the fallback."""
    if not wanted or not wanted.startswith("/") or len(wanted) > 2000:
        return fallback
    # Browsers read \ as / and drop control characters, so "/\host" and "/\t/host" are other hosts.
    if wanted.startswith(("//", "/\\")) or re.search(r"[\x00-\x20\x7f\\]", wanted):
        return fallback
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return fallback
    return fallback if parts.scheme or parts.netloc else wanted


def _recognise() -> None:
    g.actor = ANONYMOUS
    if request.endpoint == "static":
        return
    authorization = request.headers.get("Authorization", "")
    if context.is_api() and authorization:
        # Whoever shows a key is judged by it alone: no cookie helps out.
        scheme, _, key = authorization.partition(" ")
        bearer = keys.bearer(context.office(), key.strip()) if scheme.lower() == "bearer" else None
        if bearer is None:
            raise NotSignedIn(mark("This key is not known here, or it was revoked"))
        g.actor = bearer
    elif token := session_token():
        g.actor = sessions.actor_of(context.office(), token) or ANONYMOUS


def _demand_token() -> None:
    uploads.widen()  # the token may stand in a form with photos
    if request.method not in _UNSAFE_METHODS or request.endpoint is None:
        return
    # The API without a session is a key's (which no other site can send) or nobody's (who may do nothing).
    if context.is_api() and context.actor().user_id is None:
        return
    csrf.protect()


def _put_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy(response))  # a photo has a stricter one
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Cookie", "Accept-Language"))
    return response


def _policy(response: Response) -> str:
    own = f"'self' 'nonce-{csp_nonce()}'"
    images = "'self' data: blob:"
    if response.mimetype == "text/html" and response.status_code < 500:
        images += "".join(f" {host}" for host in _tile_hosts())
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            "style-src-attr 'unsafe-inline'",
            f"img-src {images}",
            "connect-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def _tile_hosts() -> list[str]:
    facts = context.city()
    return (
        [tile_host(facts.basemap.url)] if facts and facts.basemap.kind == "xyz" and facts.basemap.url else []
    )


def tile_host(url: str) -> str:
    """The CSP source of a tile server's address; ``t{s}.host`` stands for all hosts below. Ours: ``'self'``."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    if scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return "'self'"
    first, _, parent = host.partition(".")
    if "{" in first:
        host = f"*.{parent}"
    return f"{scheme}://{host}" if "{" not in host and "}" not in host else "'self'"
