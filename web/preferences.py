"""What a visitor may choose without an account: the language."""

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue

from web import i18n, security

blueprint = Blueprint("preferences", __name__)


@blueprint.get("/language/<lang>")
def language(lang: str) -> ResponseReturnValue:
    """Keep a language and go back to where it was chosen."""
    if lang not in i18n.LANGUAGES:
        abort(404)
    response = make_response(redirect(security.local_path(request.args.get("next")), 303))
    i18n.remember_language(response, lang)
    return response
