"""A running site for journeys: the application behind a real HTTP server in this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.serving import make_server

from app import create_app
from casework.office import Office
from casework.passwords import DEMO_PASSWORD
from settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from playwright.sync_api import Browser, Page

OWN_SCHEMES = ("data:", "blob:", "about:")


@dataclass(frozen=True)
class Site:
    """Where the site is, and the office behind it."""

    url: str
    office: Office
    routes: tuple[str, ...]

    def sign_in(self, page: "Page", username: str, password: str = DEMO_PASSWORD) -> None:
        """Sign in through the page, as a person does."""
        page.goto(f"{self.url}/sign-in")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda address: "/sign-in" not in address)


def whole(app: "WSGIApplication") -> "WSGIApplication":
    """Answers in one piece, closed at once: Werkzeug leaves a file open when the browser hangs up while it is sent."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return [b"".join(parts)]
        finally:
            if hasattr(parts, "close"):
                parts.close()

    return answer


@contextmanager
def serving(settings: Settings) -> Iterator[Site]:
    """Serve an installation that has its database on a free port of this machine."""
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    office: Office = app.extensions["baopian"]
    rules = tuple(rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set()))
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", office, rules)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        office.database.close()


class Watch:
    """Everything a page did that it must not do: other hosts, CSP violations, script errors."""

    def __init__(self, page: "Page", own: str) -> None:
        """Watch a page from before its first address."""
        self._own = own
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))
        page.on("console", self._heard)
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => console.error('CSP', e.violatedDirective, e.blockedURI))"
        )

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(f"console: {message.text}")

    def faults(self) -> list[str]:
        """What went wrong so far, in words."""
        others = [url for url in self.asked if not url.startswith((self._own, *OWN_SCHEMES))]
        return self.errors + [f"asked another host: {url}" for url in others]


@contextmanager
def opened(browser: "Browser", *, lang: str = "zh", width: int = 1440, **options: Any) -> Iterator["Page"]:
    """A fresh browser window, as wide as a desk's (1440) or a phone's (390)."""
    phone = width < 640
    context = browser.new_context(
        viewport={"width": width, "height": 844 if phone else 900},
        locale="zh-CN" if lang == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        has_touch=phone,
        **options,
    )
    try:
        yield context.new_page()
    finally:
        context.close()
