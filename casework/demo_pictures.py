"""Pictures that the demo draws itself in place of photos: what was wrong, during and after the rectification."""

from collections.abc import Callable, Sequence
from functools import cache

from casework.demo_canvas import Canvas

STAGES = ("before", "during", "after")

# Which drawing stands for which category; others get the one of their parent or the lane.
PICTURE_OF = {
    "0101": "shed", "0102": "waste", "0103": "waste", "0104": "lane", "0106": "green", "0107": "cars",
    "0108": "waste", "0110": "road", "0113": "wall", "02": "shop", "0201": "poles", "0205": "wall",
    "03": "site", "04": "road", "0501": "vendor", "0504": "shop", "0505": "cars", "0506": "bikes",
    "0507": "waste", "0510": "vendor", "05": "lane",
}  # fmt: skip

# Strokes of the shop's sign (小杨超市) in a square of 100, so that no font is needed.
_SIGN: tuple[tuple[tuple[tuple[int, int], ...], ...], ...] = (
    (((50, 8), (50, 88), (36, 80)), ((28, 34), (12, 66)), ((72, 32), (90, 64))),
    (
        ((4, 30), (44, 30)), ((24, 6), (24, 94)), ((24, 34), (6, 66)), ((26, 40), (42, 56)),
        ((52, 12), (84, 12), (58, 38), (92, 38), (86, 86), (74, 80)), ((66, 44), (46, 76)), ((80, 46), (58, 88)),
    ),
    (
        ((10, 22), (44, 22)), ((27, 6), (27, 92)), ((6, 42), (46, 42)), ((28, 62), (44, 62)), ((14, 54), (6, 88)),
        ((8, 84), (40, 92), (94, 92)), ((54, 12), (86, 12), (82, 42), (72, 38)), ((68, 14), (52, 46)),
        ((56, 54), (86, 54), (86, 80), (56, 80), (56, 54)),
    ),
    (
        ((50, 2), (54, 14)), ((8, 24), (92, 24)), ((20, 42), (20, 80)), ((20, 42), (82, 42), (82, 76), (72, 72)),
        ((50, 26), (50, 96)),
    ),
)  # fmt: skip


def picture_of(category: str) -> str:
    """Return the name of the drawing for a category code."""
    return PICTURE_OF.get(category) or PICTURE_OF.get(category[:2], "lane")


@cache
def picture(name: str, stage: str, variant: int = 0) -> bytes:
    """Return a drawing as JPEG, 640 x 480. `stage` is before, during or after; variants differ in small things.

    The same arguments give the same bytes. Raises KeyError for an unknown name.
    """
    return _SCENES[name](stage, variant).jpeg(seed=sum(f"{name}{stage}".encode()) * 10 + variant)


def _shop(stage: str, variant: int) -> Canvas:
    c = Canvas("#c9bca4")
    c.fade(0, 0, 320, 164, "#d9cdb8", "#a89a84")
    c.box(0, 0, 320, 26, "#8d8270")
    sign = ("#a5241f", "#1f5a4d", "#2b4f86")[variant % 3]
    c.box(18, 30, 284, 36, sign)
    c.box(18, 30, 284, 5, "#ffffff", 0.2)
    if variant == 0:
        _characters(c, 88, 36, 25, "#ffe9b0")
    c.fade(24, 74, 272, 90, "#35505a", "#5d7a82")
    c.box(24, 74, 272, 12, "#000000", 0.25)
    for x in (128, 192):
        c.line(((x, 74), (x, 164)), "#cfd6d6", 3)
    for x in (24, 192):
        c.line(((x, 120), (x + 104, 120)), "#cfd6d6", 3)
    c.shape(((40, 164), (90, 74), (112, 74), (62, 164)), "#ffffff", 0.12)
    c.pavement()
    if stage == "before":
        for crate in ((20, 132, 40, 42, "#b98a55"), (34, 100, 34, 32, "#a97b48"), (66, 140, 44, 38, "#3d6f9e")):
            c.crate(*crate)
        c.crate(70, 112, 36, 28, "#4b80b2")
        c.crate(206, 146, 52, 34, "#c2935d")
        c.crate(214, 118, 40, 28, "#b4844f")
        c.box(112, 188, 84, 20, "#3f7a4b")
        for i in range(6):
            c.disc(122 + i * 13, 180 + (i % 2) * 6, 7.5, ("#d9832b", "#7aa63d", "#c7402f")[i % 3])
        c.box(112, 190, 84, 18, "#3f7a4b")
        for x in (116, 192):
            c.line(((x, 208), (x, 222)), "#333333", 3)
    if stage != "after":
        c.crate(262, 138, 40, 44, "#7f9b4e")
    if stage == "during":
        c.crate(220, 146, 38, 34, "#c2935d")
    if stage == "after":
        c.shape(((140, 164), (140, 102), (180, 102), (180, 164)), "#f2e3b8", 0.3)
    return c


def _characters(c: Canvas, x: float, y: float, size: float, colour: str) -> None:
    for position, strokes in enumerate(_SIGN):
        left = x + position * size * 1.5
        for stroke in strokes:
            c.line([(left + a * size / 100, y + b * size / 100) for a, b in stroke], colour, 2.2)


def _bricks(c: Canvas, height: int = 164) -> None:
    shades = ("#95583f", "#8d523c", "#a06049", "#98593f", "#8a4f3a")
    for row in range(height // 15 + 1):
        for column in range(9):
            c.box(column * 40 - (row % 2) * 20, row * 15, 38, 13, shades[(row * 7 + column * 5) % 5])


def _waste(stage: str, variant: int) -> Canvas:
    c = Canvas("#7d4a38")
    _bricks(c)
    c.pavement()
    shift = variant * 22
    if stage == "after":
        c.box(44 + shift, 132, 34, 58, "#3f7a4b")
        c.box(41 + shift, 126, 40, 8, "#2f5c39")
        return c
    bags = ((92, 182, 34), (132, 172, 40), (182, 180, 36), (222, 190, 28)) if stage == "before" else ((182, 190, 24),)
    for x, y, r in bags:
        c.oval(x + shift, y, r, r * 0.82, "#2e3436")
        c.line(((x - r * 0.5 + shift, y - r * 0.2), (x + shift, y - r * 0.55)), "#697276", 2.2)
    c.shape(((168 + shift, 188), (202 + shift, 182), (210 + shift, 212), (172 + shift, 216)), "#b98a55")
    c.shape(((206 + shift, 204), (236 + shift, 196), (242 + shift, 214), (210 + shift, 218)), "#c9c4b2")
    if stage == "before":
        c.disc(118 + shift, 206, 9, "#d8d4c4")
        c.disc(96 + shift, 212, 6, "#3f8f5a")
    return c


def _site(stage: str, variant: int) -> Canvas:
    c = Canvas("#c3d0d6")
    c.fade(0, 0, 320, 150, "#b9cad3", "#dfe3e0")
    for i in range(4):
        c.box(40 + i * 66, 36 + (i + variant) % 2 * 18, 48, 120, "#9aa0a0")
        for row in range(4):
            c.box(48 + i * 66, 62 + row * 22, 12, 12, "#5b656a")
            c.box(68 + i * 66, 62 + row * 22, 12, 12, "#5b656a")
    c.line(((268, 150), (268, 14), (150, 14)), "#d9832b", 3)
    c.line(((160, 14), (160, 58)), "#4a4a4a", 1)
    c.fade(0, 150, 320, 90, "#a58a68", "#86704f")
    for x, y, r in ((70, 168, 40), (126, 172, 52), (206, 170, 44)):
        c.shape(((x - r, y + 12), (x - r * 0.2, y - r * 0.5), (x + r * 0.3, y - r * 0.42), (x + r, y + 12)), "#7c6344")
    c.line(((0, 206), (320, 214)), "#6d5738", 2)
    if stage != "before":
        reach = 320 if stage == "after" else 170
        for x in range(0, reach, 32):
            c.fade(x, 128, 31, 70, "#3f86b8", "#2f6d9b")
            c.line(((x, 128), (x, 200)), "#e7edf0", 1.4)
        c.box(0, 140, reach, 7, "#f2f2ea")
    return c


def _wall(stage: str, variant: int) -> Canvas:
    c = Canvas("#d8d5cb")
    c.fade(0, 0, 320, 60, "#c7d6df", "#e3e6e2")
    c.box(0, 40, 320, 124, "#d9d3c4")
    c.box(0, 34, 320, 10, "#8e3a2f")
    c.box(34, 58, 252, 84, ("#b8362c", "#2f6f5d")[variant % 2])
    c.box(34, 58, 252, 84, "#ffffff", 0.06)
    for i in range(3):
        c.shape(((60 + i * 84, 122), (82 + i * 84, 84), (104 + i * 84, 122)), "#f1d38a", 0.9)
        c.disc(92 + i * 84, 80, 7, "#f1d38a")
    c.pavement()
    if stage in ("before", "during"):
        c.shape(((206, 142), (214, 112), (240, 118), (252, 96), (286, 104), (286, 142)), "#a3927a")
        c.shape(((226, 142), (236, 124), (262, 122), (272, 142)), "#8d7c65")
    if stage == "before":
        for x, y, w in ((210, 166, 22), (240, 172, 28), (266, 168, 16), (226, 182, 14)):
            c.shape(((x, y), (x + w * 0.6, y - 6), (x + w, y + 2), (x + w * 0.4, y + 6)), "#c9c1b0")
    return c


def _street(c: Canvas, top: float = 120) -> None:
    c.fade(0, 0, 320, top, "#c7d6df", "#e6e6df")
    for i in range(5):
        height = (58, 76, 50, 84, 64)[i]
        c.box(i * 66 - 6, top - height, 62, height, ("#b7a98f", "#a8b0ad", "#c0b49c", "#9da7ab", "#b3a48a")[i])
        for row in range(height // 22):
            for column in range(3):
                c.box(i * 66 + 4 + column * 18, top - height + 8 + row * 20, 9, 11, "#5d6b71")


def _lane(stage: str, variant: int) -> Canvas:
    c = Canvas("#8d8a84")
    _street(c)
    c.fade(0, 120, 320, 120, "#9a968e", "#77736c")
    c.shape(((0, 120), (60, 120), (0, 196)), "#b9b4aa")
    c.shape(((320, 120), (260, 120), (320, 196)), "#b9b4aa")
    leaves = {"before": 46, "during": 14, "after": 0}[stage]
    for i in range(leaves):
        x, y = (i * 67 + variant * 31) % 260 + 30, 136 + (i * 41) % 92
        c.oval(x, y, 2.5 + y / 60, 1.4 + y / 110, ("#5f7d3a", "#8a6b34", "#d2cbb8", "#70883f")[i % 4])
    if stage == "before":
        c.oval(180, 206, 46, 13, "#5f5b55")
    if stage == "after":
        for x in (96, 170, 232):
            c.line(((x, 150), (x - 30, 232)), "#a7a39b", 2)
    return c


def _road(stage: str, variant: int) -> Canvas:
    c = Canvas("#6d6c6a")
    _street(c, 96)
    c.fade(0, 96, 320, 144, "#7d7b78", "#5f5d5b")
    for i in range(4):
        c.shape(((150 + i, 118 + i * 32), (158, 118 + i * 32), (160, 134 + i * 32), (146, 134 + i * 32)), "#e5e2d6")
    x = 186 + variant * 20
    if stage == "after":
        c.shape(((x - 60, 168), (x + 56, 164), (x + 66, 208), (x - 66, 212)), "#454442")
        return c
    c.oval(x, 188, 58, 20, "#4a4845")
    c.oval(x + 4, 190, 44, 13, "#33312f")
    c.oval(x - 12, 193, 20, 5, "#8f9a9c")
    for dx, dy in ((-74, 6), (-58, -24), (62, -18), (78, 10)):
        c.line(((x + dx * 0.7, 188 + dy * 0.7), (x + dx, 188 + dy), (x + dx * 1.2, 188 + dy * 0.8)), "#4a4845", 1.6)
    if stage == "during":
        for dx in (-70, 0, 70):
            c.shape(((x + dx - 9, 214), (x + dx, 180), (x + dx + 9, 214)), "#d9662b")
            c.box(x + dx - 6, 196, 12, 5, "#f2f2ea")
    return c


def _bikes(stage: str, variant: int) -> Canvas:
    c = Canvas("#b9b4aa")
    _street(c, 110)
    c.pavement(110)
    c.box(0, 176, 320, 9, "#d8b545")
    colours = ("#2f7fb8", "#d9a52b", "#3f8f5a")
    count = {"before": 9, "during": 7, "after": 6}[stage]
    for i in range(count):
        if stage == "after":
            _bike(c, 36 + i * 48, 146, 0.0, colours[(i + variant) % 3])
        else:
            _bike(c, 26 + i * 33, 168 + (i * 29 + variant * 13) % 40, ((i * 37) % 50 - 25) / 30, colours[i % 3])
    return c


def _bike(c: Canvas, x: float, y: float, lean: float, colour: str) -> None:
    dy = lean * 14
    c.disc(x - 15, y + dy * 0.4, 11, "#2b2f31", ring=2)
    c.disc(x + 15, y - dy * 0.4, 11, "#2b2f31", ring=2)
    c.line(((x - 15, y + dy * 0.4), (x - 2, y - 16), (x + 12, y - 17), (x, y), (x - 2, y - 16)), colour, 2.6)
    c.line(((x + 15, y - dy * 0.4), (x + 10, y - 25), (x + 4, y - 27)), colour, 2.2)
    c.line(((x - 8, y - 20), (x + 1, y - 20)), "#2b2f31", 3)


def _shed(stage: str, variant: int) -> Canvas:
    c = Canvas("#7d4a38")
    _bricks(c)
    c.pavement()
    x = 92 + variant * 18
    if stage == "before":
        c.fade(x, 78, 132, 104, "#5f8fb3", "#44708f")
        for i in range(11):
            c.line(((x + 6 + i * 12, 78), (x + 6 + i * 12, 182)), "#6b9abd", 1)
        c.shape(((x - 10, 80), (x + 14, 62), (x + 142, 62), (x + 144, 80)), "#b8362c")
        c.box(x + 44, 116, 36, 66, "#d6d2c4")
        c.disc(x + 74, 150, 2, "#4a4a4a")
    elif stage == "during":
        for i in range(4):
            c.line(((x + i * 40, 182), (x + i * 40, 84)), "#8b8f90", 3)
        c.shape(((x - 12, 190), (x + 118, 178), (x + 124, 190), (x - 4, 204)), "#5f8fb3")
    return c


def _green(stage: str, variant: int) -> Canvas:
    c = Canvas("#86a365")
    _street(c, 92)
    c.fade(0, 92, 320, 148, "#8fb069", "#5f8046")
    for i in range(5):
        x = 20 + i * 68 + variant * 8
        c.box(x - 2, 84, 5, 44, "#6b5236")
        c.disc(x, 70, 26, "#5f8a48")
        c.disc(x + 12, 84, 18, "#6b9851")
    c.shape(((0, 214), (320, 190), (320, 240), (0, 240)), "#b9b4aa")
    if stage != "after":
        c.shape(((96, 240), (150, 150), (184, 150), (150, 240)), "#9a8560")
        for i in range(14 if stage == "before" else 4):
            c.box((i * 53 + 17) % 290, 142 + (i * 31) % 56, 8, 5, ("#f2f2ea", "#d6e2ea", "#d9832b")[i % 3])
    return c


def _vendor(stage: str, variant: int) -> Canvas:
    c = Canvas("#b9b4aa")
    _street(c)
    c.pavement(120)
    if stage == "after":
        return c
    for x in (70, 196)[: 2 if stage == "before" else 1]:
        colour = ("#b8362c", "#2f6f9b")[(x // 100 + variant) % 2]
        c.shape(((x - 34, 118), (x + 44, 118), (x + 58, 134), (x - 46, 134)), colour)
        c.line(((x - 36, 134), (x - 36, 186)), "#555555", 2)
        c.line(((x + 48, 134), (x + 48, 186)), "#555555", 2)
        c.box(x - 40, 166, 92, 24, "#8b6b45")
        for i in range(7):
            c.disc(x - 32 + i * 13, 163 - (i % 2) * 5, 7, ("#d9832b", "#7aa63d", "#c7402f", "#e0c34a")[i % 4])
        c.disc(x - 22, 200, 11, "#2b2f31", ring=3)
        c.disc(x + 36, 200, 11, "#2b2f31", ring=3)
    return c


def _poles(stage: str, variant: int) -> Canvas:
    c = Canvas("#b9b4aa")
    _street(c)
    c.pavement(120)
    c.fade(140, 0, 40, 226, "#8f8f8a", "#777772")
    c.box(140, 0, 9, 226, "#ffffff", 0.16)
    if stage != "after":
        for i in range(9 if stage == "before" else 3):
            y = 34 + i * 19 + (variant * 5) % 9
            c.shape(((143, y), (174, y - 3), (176, y + 13), (144, y + 16)), ("#f2f2ea", "#f0d875", "#e7b8b0")[i % 3])
            c.line(((147, y + 4), (170, y + 2)), "#8b3a33", 1.4)
            c.line(((147, y + 9), (164, y + 8)), "#5a5a5a", 1)
    return c


def _cars(stage: str, variant: int) -> Canvas:
    c = Canvas("#8d8a84")
    _street(c)
    c.pavement(120)
    c.box(0, 150, 320, 8, "#d8b545")
    places: Sequence[tuple[float, str]] = ((22, "#8b2f2a"), (126, "#dfe1e0"), (230, "#34506b"))
    for x, colour in places[: {"before": 3, "during": 1, "after": 0}[stage]]:
        x += variant * 6
        c.shape(((x + 14, 150), (x + 26, 128), (x + 62, 128), (x + 74, 150)), "#3a4a52")
        c.shape(((x, 180), (x + 2, 156), (x + 14, 149), (x + 74, 149), (x + 86, 158), (x + 88, 180)), colour)
        c.disc(x + 20, 181, 10, "#2b2f31")
        c.disc(x + 68, 181, 10, "#2b2f31")
        c.disc(x + 20, 181, 4, "#9aa0a2")
        c.disc(x + 68, 181, 4, "#9aa0a2")
    return c


_SCENES: dict[str, Callable[[str, int], Canvas]] = {
    "bikes": _bikes, "cars": _cars, "green": _green, "lane": _lane, "poles": _poles, "road": _road,
    "shed": _shed, "shop": _shop, "site": _site, "vendor": _vendor, "wall": _wall, "waste": _waste,
}  # fmt: skip
