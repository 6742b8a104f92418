"""Links that open a place in somebody's navigation app, each in the datum that the app expects."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from geo.crs import convert

_AMAP: Final = {"foot": "walk", "bike": "ride", "car": "car"}
_BAIDU: Final = {"foot": "walking", "bike": "riding", "car": "driving"}
_TENCENT: Final = {"foot": "walk", "bike": "bike", "car": "drive"}
_GOOGLE: Final = {"foot": "walking", "bike": "bicycling", "car": "driving"}
_SOURCE: Final = "baopian"


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """An app's key (amap, baidu, tencent, google) and the address that opens a place in it."""

    app: str
    address: str


def navigation_links(lon: float, lat: float, name: str, mode: str) -> list[NavigationLink]:
    """The way to a place (degrees, WGS 84) in Amap and Tencent (GCJ-02), Baidu (BD-09) and Google Maps.

    Google's map of China is drawn in GCJ-02, but its addresses take WGS 84. Sources: the URI documents of the four.
    """
    gcj_lon, gcj_lat = convert(lon, lat, "wgs84", "gcj02")
    bd_lon, bd_lat = convert(lon, lat, "wgs84", "bd09")
    amap = {
        "to": f"{gcj_lon:.6f},{gcj_lat:.6f},{name}", "mode": _AMAP[mode], "coordinate": "gaode", "src": _SOURCE,
        "callnative": "1",
    }  # fmt: skip
    baidu = {
        "destination": f"latlng:{bd_lat:.6f},{bd_lon:.6f}|name:{name}", "mode": _BAIDU[mode], "coord_type": "bd09ll",
        "output": "html", "src": _SOURCE,
    }  # fmt: skip
    tencent = {
        "type": _TENCENT[mode], "to": name, "tocoord": f"{gcj_lat:.6f},{gcj_lon:.6f}", "referer": _SOURCE,
    }  # fmt: skip
    google = {"api": "1", "destination": f"{lat:.6f},{lon:.6f}", "travelmode": _GOOGLE[mode]}
    return [
        NavigationLink("amap", _address("https://uri.amap.com/navigation", amap)),
        NavigationLink("baidu", _address("https://api.map.baidu.com/direction", baidu)),
        NavigationLink("tencent", _address("https://apis.map.qq.com/uri/v1/routeplan", tencent)),
        NavigationLink("google", _address("https://www.google.com/maps/dir/", google)),
    ]


def _address(base: str, query: dict[str, str]) -> str:
    return f"{base}?{urlencode(query, quote_via=quote, safe=',:|')}"
