"""One tree of errors that a person can act on. ``web/errors.py`` maps it to HTTP, the command line to exit codes."""

from collections.abc import Mapping


def mark(message: str) -> str:
    """Mark an English text for translation where no request, so no language, is at hand."""
    return message


class Word(str):
    """An English word among a message's params that is itself to be said in the reader's language."""

    __slots__ = ()


class Sentence(Word):
    """A whole message within another one: an English msgid with its own params."""

    message: str
    params: dict[str, object]

    def __new__(cls, message: str, params: Mapping[str, object] | None = None) -> "Sentence":
        """The sentence; as plain text it is English."""
        known = dict(params or {})
        made = super().__new__(cls, message % _plain(known) if known else message)
        made.message, made.params = message, known
        return made


class CaseworkError(Exception):
    """Something was refused. ``message`` is an English msgid with ``%(name)s`` places for ``params``."""

    kind = "refused"

    def __init__(
        self, message: str, params: Mapping[str, object] | None = None, *, field: str | None = None
    ) -> None:
        self.message = message
        self.params = dict(params or {})
        self.field = field
        super().__init__(message % _plain(self.params) if self.params else message)


def _plain(params: Mapping[str, object]) -> dict[str, object]:
    return {name: ", ".join(map(str, p)) if isinstance(p, tuple | list) else p for name, p in params.items()}


class Refused(CaseworkError):
    """A value cannot be taken; ``field`` names it and the message says what would be right."""


class NotFound(CaseworkError):
    """There is no such thing, or none that this person may see."""

    kind = "not_found"


class NotSignedIn(CaseworkError):
    """Nobody is signed in and this needs somebody."""

    kind = "not_signed_in"


class Forbidden(CaseworkError):
    """This role may not do this."""

    kind = "forbidden"


class Conflict(CaseworkError):
    """Somebody else changed it in between."""

    kind = "conflict"


class TooManyAttempts(CaseworkError):
    """Too many tries; the message says when to try again (``params['seconds']``)."""

    kind = "too_many"


class Refusals(CaseworkError):
    """Several faults at once: each is in ``errors``."""

    def __init__(self, errors: list[Refused]) -> None:
        first = errors[0]
        super().__init__(first.message, first.params, field=first.field)
        self.errors = errors
