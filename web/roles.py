"""The roles' names in the page's language."""

from flask_babel import lazy_gettext as _l

WORDS = {
    "administrator": _l("Administrator"),
    "leader": _l("Leader"),
    "supervisor": _l("Supervisor"),
    "inspector": _l("Inspector"),
    "handler": _l("Handler"),
    "archivist": _l("Archivist"),
}


def role_word(role: str) -> str:
    """A role's name for people."""
    return str(WORDS.get(role, role))
