"""Files made for the one who asks: saved under a name of any script, kept in no cache."""

from io import BytesIO

from flask import Response, send_file


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """The answer with a file to be saved as ``name``."""
    response: Response = send_file(
        BytesIO(content),
        mimetype=media_type,
        as_attachment=True,
        download_name=name,
        etag=False,
        conditional=False,
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
