"""Signing in and out, and one's own account."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import accounts, sessions, sign_in
from casework.errors import CaseworkError, Refused, TooManyAttempts
from casework.passwords import DEMO_PASSWORD, MIN_LENGTH
from web import context, i18n, security

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
def sign_in_form() -> ResponseReturnValue:
    """The sign-in page; somebody signed in goes on at once."""
    back = security.local_path(request.args.get("next"))
    if context.actor().user_id is not None:
        return redirect(back)
    return sign_in_page(back, 200)


@blueprint.post("/sign-in", endpoint="sign_in")
def sign_in_try() -> ResponseReturnValue:
    """Try a name and a password; somebody who asked for no page goes to the own desk."""
    back = security.local_path(request.form.get("next"), url_for("desk.show"))
    if back == url_for("problem_map.show"):
        back = url_for("desk.show")
    username = request.form.get("username", "")
    try:
        token = sign_in.sign_in(
            context.office(), username, request.form.get("password", ""), request.remote_addr or ""
        )
    except TooManyAttempts as error:
        page = sign_in_page(back, 429, username=username, fault=i18n.said(error))
        page.headers["Retry-After"] = str(error.params["seconds"])
        return page
    except Refused as error:
        return sign_in_page(back, 422, username=username, fault=i18n.said(error))
    response = make_response(redirect(back, 303))
    if before := security.session_token():
        sessions.end(context.office(), before)
    security.start_session(response, token)
    return response


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    sessions.end(context.office(), security.session_token())
    response = make_response(redirect(url_for("problem_map.show"), 303))
    security.forget_session(response)
    return response


@blueprint.get("/me")
def me() -> ResponseReturnValue:
    """One's own account: role, bureau, areas, where one is signed in."""
    return _own_page(200)


@blueprint.post("/me/password")
def change_password() -> ResponseReturnValue:
    """Take a new password; all other browsers are signed out and this one gets a new session."""
    who = context.actor()
    try:
        if request.form.get("new") != request.form.get("again"):
            raise Refused(accounts.NOT_THE_SAME, field="again")
        accounts.change_password(context.office(), who, request.form.get("present"), request.form.get("new"))
    except Refused as error:
        return _own_page(422, fault=error)
    flash(_("The password is changed; other browsers are signed out"), "info")
    response = make_response(redirect(url_for("accounts.me"), 303))
    security.renew_session(response, sessions.reopen(context.office(), who))
    return response


@blueprint.post("/me/sessions")
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere else."""
    sessions.end_others(context.office(), context.actor(), security.session_token())
    flash(_("Other browsers are signed out"), "info")
    return redirect(url_for("accounts.me"), 303)


def sign_in_page(back: str, status: int, *, username: str = "", fault: str = "") -> Response:
    """The sign-in page. ``back`` is where to go on to, ``fault`` what was wrong with the last try."""
    facts = context.city()
    cards = accounts.demo_cards(context.office()) if facts and facts.is_demo else []
    page = render_template(
        "accounts/sign_in.html", next=back, username=username[:64], fault=fault, cards=cards,
        demo_password=DEMO_PASSWORD,
    )  # fmt: skip
    return make_response(page, status)


def _own_page(status: int, fault: CaseworkError | None = None) -> Response:
    who, at_work = context.actor(), context.office()
    page = render_template(
        "accounts/me.html",
        card=accounts.own_card(at_work, who),
        sessions=sessions.open_sessions(at_work, who, security.session_token()),
        fault={fault.field: i18n.said(fault)} if fault else {},
        min_length=MIN_LENGTH,
    )
    return make_response(page, status)
