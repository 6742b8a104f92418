"""Keys for other programs on a page."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework import keys
from casework.policy import Act
from web import context
from web.roles import WORDS
from web.settings.frame import (
    Tried,
    blueprint,
    bureau_options,
    done,
    refused,
    secret_page,
    show,
    tried,
    typed,
)

_FIELDS = ("name", "role", "bureau")


@blueprint.get("/keys", endpoint="keys")
def list_() -> ResponseReturnValue:
    """All keys, and the form of a new one."""
    context.require(Act.MANAGE_KEYS)
    return _page(None, {})


@blueprint.post("/keys", endpoint="key_add")
def add() -> ResponseReturnValue:
    """Make a key and show it this once."""
    values = typed(*_FIELDS)
    trial = tried(
        lambda: keys.add_key(
            context.office(), context.actor(), values["name"], values["role"], bureau=values["bureau"] or None
        ),
        fields=_FIELDS,
    )
    if not trial.ok or trial.result is None:
        return _page(trial, values)
    hint = _("Send it as the header Authorization: Bearer …. It is not kept here and cannot be shown again.")
    return secret_page(_("The new key"), trial.result, hint, url_for("settings.keys"))


@blueprint.post("/keys/<prefix>/revoke", endpoint="key_revoke")
def revoke(prefix: str) -> ResponseReturnValue:
    """Take a key back."""
    trial = tried(lambda: keys.revoke(context.office(), context.actor(), prefix))
    back = url_for("settings.keys")
    return done(back, _("The key opens nothing any more")) if trial.ok else refused(back, trial)


def _page(trial: Tried[Any] | None, values: dict[str, str]) -> ResponseReturnValue:
    return show(
        "keys", trial, lines=keys.list_keys(context.office(), context.actor()), values=values,
        roles=[(key, str(word)) for key, word in WORDS.items()], options=bureau_options(),
    )  # fmt: skip
