"""The web application on a test's office: some real pages, and stand-ins for the others that the frame links to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import jinja2
from flask import Blueprint, Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from casework import accounts, keys
from casework.clock import Clock
from casework.office import Office
from casework.policy import SYSTEM
from settings import ROOT
from web import context, security, setup

PASSWORD = "correct horse 9"
OURS = (
    "web.about",
    "web.accounts",
    "web.settings",
    "web.preferences",
    "web.health",
    "web.api.v1",
    "web.api.acts",
)
FRAME = (
    ("problem_map", "show", "/"),
    ("findings", "list_", "/findings"),
    ("areas", "list_", "/areas"),
    ("triage", "list_", "/triage"),
    ("reports", "form", "/report"),
    ("desk", "show", "/desk"),
    ("notices", "list_", "/notices"),
)


class Site:
    """An application for tests: errors are raised, undefined names in templates too, the clock can be moved."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.app = Flask(
            create_app.__module__,
            root_path=str(ROOT),
            static_folder="web/static",
            template_folder="templates",
        )
        setup.prepare(self.app, office)
        self.app.testing = True
        self.app.jinja_env.undefined = jinja2.StrictUndefined
        for module in OURS:
            self.app.register_blueprint(import_module(module).blueprint)
        for name, endpoint, path in FRAME:
            stand_in = Blueprint(name, __name__)
            stand_in.add_url_rule(path, endpoint, lambda: "stand-in")
            self.app.register_blueprint(stand_in)

    def client(self, language: str = "en") -> "Browser":
        """A browser without cookies."""
        return Browser(self.app.test_client(), language)

    def later(self, **span: float) -> None:
        """Move the clock on: later(hours=2)."""
        self.office = replace(self.office, clock=Clock(self.office.now() + timedelta(**span)))
        self.app.extensions[context.EXTENSION] = self.office

    def user(self, name: str, role: str, **more: object) -> int:
        """An account with the tests' password."""
        return accounts.create_user(self.office, SYSTEM, name, role, PASSWORD, **more)  # type: ignore[arg-type]

    def signed_in(self, role: str = "inspector", language: str = "en") -> "Browser":
        """A browser in which somebody of this role has signed in."""
        self.user(f"some.{role}", role, bureau="CG" if role == "handler" else None)
        browser = self.client(language)
        assert browser.sign_in(f"some.{role}").status_code == 303
        return browser

    def bearer(self, role: str = "inspector") -> dict[str, str]:
        """The header of a new key."""
        bureau = "CG" if role == "handler" else None
        return {"Authorization": "Bearer " + keys.add_key(self.office, SYSTEM, "test", role, bureau=bureau)}


class Browser:
    """A client that reads CSRF tokens from the pages as a browser's form would."""

    def __init__(self, client: FlaskClient, language: str) -> None:
        self.client = client
        self.headers = {"Accept": "text/html", "Accept-Language": language}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        return self.client.get(path, headers={**self.headers, **(headers or {})}, buffered=True)

    def post(self, path: str, data: dict[str, str], *, at: str = "/sign-in") -> TestResponse:
        """Send a form with the CSRF token of the page ``at``."""
        return self.client.post(path, data={**data, "csrf_token": self.csrf_token(at)}, headers=self.headers)

    def csrf_token(self, at: str = "/sign-in") -> str:
        page = self.get(at).get_data(as_text=True)
        marker = 'name="csrf_token" value="'
        start = page.index(marker) + len(marker)
        return page[start : page.index('"', start)]

    def sign_in(self, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/sign-in", {"username": username, "password": password, **more})

    @property
    def token(self) -> str:
        """The session's token in the cookie."""
        cookie = self.client.get_cookie(security.COOKIE)
        return cookie.value if cookie else ""


def raising(app: Flask, path: str) -> None:
    """Add an address whose page breaks."""

    def broken() -> str:
        g.broken = True
        raise ZeroDivisionError("secret detail of the fault")

    app.add_url_rule(path, f"broken_{path}", broken)
