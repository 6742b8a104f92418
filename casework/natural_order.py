"""Codes and names in the order that people count in: 1, 2, 10, 11 and not 1, 10, 11, 2.

For lists that people read. Which area wins where two cover a place still goes by code as it is written
(``geo.assignment``), so indexes are never built in this order.
"""

import re
from typing import Final

_NUMBERS: Final = re.compile(r"([0-9]+)")


def natural(text: str) -> tuple[tuple[str | int, ...], str]:
    """A sorting key: each run of digits counts as its number; the text itself decides between 01 and 1."""
    parts = _NUMBERS.split(text.casefold())
    return tuple(int(part) if at % 2 else part for at, part in enumerate(parts)), text
