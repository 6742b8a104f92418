"""What a browser is told about https."""

from typing import Final

from flask import Flask, Response

_DAYS: Final = 30


def insist_on_https(app: Flask) -> None:
    """Let browsers come back by https only (HSTS), for a month at a time.

    Only for a certificate that browsers trust, and on port 443: the promise holds for the whole host name.
    """

    @app.after_request
    def promise(response: Response) -> Response:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_DAYS * 24 * 3600}")
        return response
