"""One table from exceptions to HTTP: problem+json for programs, pages for people, both in their language."""

import secrets
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from casework.errors import (
    CaseworkError,
    Conflict,
    Forbidden,
    NotFound,
    NotSignedIn,
    Refusals,
    Refused,
    TooManyAttempts,
)
from web import accounts, i18n
from web.bodies import BadBody, TooLarge, WrongMediaType

PROBLEM: Final = "application/problem+json"

STATUS_OF: Final[dict[type[CaseworkError], int]] = {
    BadBody: 400,
    TooLarge: 413,
    WrongMediaType: 415,
    Refused: 422,
    Refusals: 422,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooManyAttempts: 429,
}

TITLES: Final = {
    400: _l("The request cannot be understood"),
    401: _l("Sign in first"),
    403: _l("Not for this role"),
    404: _l("There is nothing here"),
    405: _l("This address does not take that kind of request"),
    409: _l("Somebody else changed this in between"),
    413: _l("That is too much at once"),
    415: _l("This kind of content is not taken here"),
    422: _l("Something in it cannot be taken"),
    429: _l("Too many attempts"),
    500: _l("Something broke here, and it is our fault"),
    503: _l("Not ready at the moment"),
}


def register(app: Flask) -> None:
    """Answer every exception by the table."""
    app.register_error_handler(CaseworkError, _casework)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _failure)


def wants_json() -> bool:
    """Whether the answer goes to a program or a script, not to a page."""
    if request.path.startswith(("/api/", "/map/", "/healthz")):
        return True
    if request.headers.get("Sec-Fetch-Mode") not in {None, "navigate"}:
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def status_of(error: CaseworkError) -> int:
    """The HTTP status of a refusal."""
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def problem(status: int, detail: str, *, field: str | None = None, **more: Any) -> Response:
    """An RFC 9457 answer: type, title, status, detail, and the field at fault when there is one."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(TITLES.get(status) or HTTPStatus(status).phrase),
        "status": status,
        "detail": detail,
    }
    if field:
        body["field"] = field
    response = make_response(current_app.json.dumps({**body, **more}), status)
    response.mimetype = PROBLEM
    return response


def _casework(error: CaseworkError) -> Response:
    status = status_of(error)
    more: dict[str, Any] = {}
    if isinstance(error, Refusals):
        more["errors"] = [{"field": fault.field, "detail": i18n.said(fault)} for fault in error.errors]
    response = _answer(status, i18n.said(error), field=error.field, **more)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Baopian"'
    if isinstance(error, TooManyAttempts) and "seconds" in error.params:
        response.headers["Retry-After"] = str(error.params["seconds"])
    return response


def _csrf(_error: CSRFError) -> Response:
    return _answer(
        400, _("This form is no longer valid (its CSRF token is missing or old): load the page again"),
        field="csrf_token",
    )  # fmt: skip


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return make_response(error.get_response(request.environ))
    response = _answer(status, _detail(status))
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After", "WWW-Authenticate", "Content-Range"}:
            response.headers[name] = value
    return response


def _failure(error: InternalServerError) -> Response:
    # Flask has logged the exception with its traceback; the reference ties the page to that place in the log.
    g.reference = reference = g.get("reference") or secrets.token_hex(4)  # the log's line has it too
    current_app.logger.error("reference %s: %s %s", reference, request.method, request.path)
    if wants_json():
        return problem(500, _("It has been written down. Nothing was half saved"), reference=reference)
    language = g.get("lang", i18n.DEFAULT)
    # Not `render_template`: what every other page is given (city, user) may be the very thing that failed.
    page = current_app.jinja_env.get_template("errors/failure.html").render(
        lang=language, reference=reference
    )
    return make_response(page, 500)


def _detail(status: int) -> str:
    details = {
        404: _("Nothing is kept under this address: it may have been mistyped"),
        405: _("Load the page again and use its buttons"),
        413: _("The request is larger than %(mb)s MB", mb=_largest_mb()),
    }
    return details.get(status) or str(TITLES.get(status) or HTTPStatus(status).phrase)


def _largest_mb() -> int:
    return (request.max_content_length or 0) // (1024 * 1024)


def _answer(status: int, detail: str, *, field: str | None = None, **more: Any) -> Response:
    if wants_json():
        return problem(status, detail, field=field, **more)
    if status == HTTPStatus.UNAUTHORIZED:
        # The page asked for is not shown; its address stays, and signing in leads back to it.
        back = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return accounts.sign_in_page(back, status)
    title = str(TITLES.get(status) or HTTPStatus(status).phrase)
    words = {"status": status, "title": title, "detail": detail, "field": field, "retry": False}
    return make_response(render_template("errors/error.html", **words), status)
