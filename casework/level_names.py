"""Names for the usual levels, so that `--level district` need not be told what it is called."""

from casework.fields import MAX_LINE, text

_NAMES = {
    "city": ("市", "City"),
    "district": ("区", "District"),
    "county": ("县", "County"),
    "subdistrict": ("街道", "Sub-district"),
    "town": ("镇", "Town"),
    "community": ("社区", "Community"),
    "village": ("村", "Village"),
    "neighborhood": ("街区", "Neighborhood"),
    "neighbourhood": ("街区", "Neighbourhood"),
    "grid": ("网格", "Grid cell"),
    "patch": ("片区", "Patch"),
    "ward": ("选区", "Ward"),
    "beat": ("巡区", "Beat"),
    "block": ("地块", "Block"),
}


def level_names(code: str, given: str | None = None) -> tuple[str, str]:
    """The Chinese and English name of a level: as given (``中文/English`` or one for both), the usual, its code."""
    if given:
        zh, _, en = text(given, "level-name", limit=MAX_LINE, required=True).partition("/")
        return zh.strip(), en.strip() or zh.strip()
    return _NAMES.get(code.lower(), (code, code))
