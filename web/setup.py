"""Makes a bare Flask application ours: configuration, secret key, protection, language, errors, template words."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from casework import finding_queries, notice_inbox
from casework.office import Office
from casework.policy import Act
from settings import Settings
from web import assets, context, errors, i18n, log, roles, security

SECRET_FILE = "secret.key"  # noqa: S105 - the file's name


class Identity(IntegerConverter):
    """A whole number in an address, no larger than a database can look for: larger ones are not found."""

    regex = r"\d{1,19}"

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": finding_queries.LARGEST_ID, **options})


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who is signed in, as templates show it."""

    name: str
    username: str
    role: str
    role_word: str


def prepare(app: Flask, office: Office) -> None:
    """Set the application up for one installation. Blueprints are registered by ``app.py``."""
    settings = office.settings
    app.extensions[context.EXTENSION] = office
    _configure(app, settings)
    i18n.init(app)
    log.watch(app)
    security.protect(app)
    assets.init(app)
    errors.register(app)
    _teach_templates(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        proxied = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_port=count)
        app.wsgi_app = proxied  # type: ignore[method-assign]


def secret_key(folder: Path) -> bytes:
    """The installation's secret, made on first use in ``folder``, readable by its owner only."""
    file = folder / SECRET_FILE
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{SECRET_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(secrets.token_bytes(32))
                out.flush()
                os.fsync(out.fileno())
            os.link(draft, file)  # fails when another process was quicker: then its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes()


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=secret_key(settings.instance),
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=min(settings.max_request_bytes, 4 * 1024 * 1024),
        SESSION_COOKIE_NAME="baopian_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.url_map.converters["int"] = Identity


def _teach_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.globals.update(
        asset=assets.asset,
        csp_nonce=security.csp_nonce,
        local=i18n.local,
        fmt_datetime=i18n.fmt_datetime,
        fmt_day=i18n.fmt_day,
        time_left=i18n.time_left,
        texts_for_js=i18n.texts_for_js,
        role_word=roles.role_word,
        may=context.may,
        has_page=lambda endpoint: endpoint in app.view_functions,
        Act=Act,
    )
    app.context_processor(_page_words)


def _page_words() -> dict[str, Any]:
    return {
        "lang": i18n.lang(),
        "config_city": context.city(),
        "current_user": current_user(),
        "triage_count": triage_count(),
        "notice_count": notice_count(),
    }


def current_user() -> CurrentUser | None:
    """Who is signed in with a session; None for everybody else."""
    actor = context.actor()
    if actor.user_id is None or actor.role is None:
        return None
    return CurrentUser(
        name=i18n.local(actor, "name"), username=actor.username, role=actor.role,
        role_word=roles.role_word(actor.role),
    )  # fmt: skip


def triage_count() -> int:
    """How many findings wait in triage for the signed-in user; 0 for those who do not see it."""
    if context.actor().user_id is None or not context.may(Act.VIEW_TRIAGE):
        return 0
    return finding_queries.waiting_in_triage(context.office())


def notice_count() -> int:
    """How many of the signed-in user's notices were not read; 0 for everybody else."""
    return notice_inbox.unread(context.office(), context.actor())
