"""Drawings of streets, lanes and lawns for the demo's photos."""

from collections.abc import Sequence

from casework.demo_canvas import Canvas


def _street(c: Canvas, top: float = 120) -> None:
    c.fade(0, 0, 320, top, "#c7d6df", "#e6e6df")
    for i in range(5):
        height = (58, 76, 50, 84, 64)[i]
        c.box(
            i * 66 - 6, top - height, 62, height, ("#b7a98f", "#a8b0ad", "#c0b49c", "#9da7ab", "#b3a48a")[i]
        )
        for row in range(height // 22):
            for column in range(3):
                c.box(i * 66 + 4 + column * 18, top - height + 8 + row * 20, 9, 11, "#5d6b71")


def lane(stage: str, variant: int) -> Canvas:
    """A lane after the market, or swept."""
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


def road(stage: str, variant: int) -> Canvas:
    """A road with a hole, a hole with cones, or a new patch."""
    c = Canvas("#6d6c6a")
    _street(c, 96)
    c.fade(0, 96, 320, 144, "#7d7b78", "#5f5d5b")
    for i in range(4):
        c.shape(
            ((150 + i, 118 + i * 32), (158, 118 + i * 32), (160, 134 + i * 32), (146, 134 + i * 32)),
            "#e5e2d6",
        )
    x = 186 + variant * 20
    if stage == "after":
        c.shape(((x - 60, 168), (x + 56, 164), (x + 66, 208), (x - 66, 212)), "#454442")
        return c
    c.oval(x, 188, 58, 20, "#4a4845")
    c.oval(x + 4, 190, 44, 13, "#33312f")
    c.oval(x - 12, 193, 20, 5, "#8f9a9c")
    for dx, dy in ((-74, 6), (-58, -24), (62, -18), (78, 10)):
        c.line(
            ((x + dx * 0.7, 188 + dy * 0.7), (x + dx, 188 + dy), (x + dx * 1.2, 188 + dy * 0.8)),
            "#4a4845",
            1.6,
        )
    if stage == "during":
        for dx in (-70, 0, 70):
            c.shape(((x + dx - 9, 214), (x + dx, 180), (x + dx + 9, 214)), "#d9662b")
            c.box(x + dx - 6, 196, 12, 5, "#f2f2ea")
    return c


def bikes(stage: str, variant: int) -> Canvas:
    """Bicycles lying about, or in line."""
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
            _bike(
                c, 26 + i * 33, 168 + (i * 29 + variant * 13) % 40, ((i * 37) % 50 - 25) / 30, colours[i % 3]
            )
    return c


def _bike(c: Canvas, x: float, y: float, lean: float, colour: str) -> None:
    dy = lean * 14
    c.disc(x - 15, y + dy * 0.4, 11, "#2b2f31", ring=2)
    c.disc(x + 15, y - dy * 0.4, 11, "#2b2f31", ring=2)
    c.line(((x - 15, y + dy * 0.4), (x - 2, y - 16), (x + 12, y - 17), (x, y), (x - 2, y - 16)), colour, 2.6)
    c.line(((x + 15, y - dy * 0.4), (x + 10, y - 25), (x + 4, y - 27)), colour, 2.2)
    c.line(((x - 8, y - 20), (x + 1, y - 20)), "#2b2f31", 3)


def green(stage: str, variant: int) -> Canvas:
    """A lawn with litter and a trodden path, or whole."""
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


def vendor(stage: str, variant: int) -> Canvas:
    """Vendors' carts on the pavement, or none."""
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


def poles(stage: str, variant: int) -> Canvas:
    """A pole full of small ads, or clean."""
    c = Canvas("#b9b4aa")
    _street(c)
    c.pavement(120)
    c.fade(140, 0, 40, 226, "#8f8f8a", "#777772")
    c.box(140, 0, 9, 226, "#ffffff", 0.16)
    if stage != "after":
        for i in range(9 if stage == "before" else 3):
            y = 34 + i * 19 + (variant * 5) % 9
            c.shape(
                ((143, y), (174, y - 3), (176, y + 13), (144, y + 16)),
                ("#f2f2ea", "#f0d875", "#e7b8b0")[i % 3],
            )
            c.line(((147, y + 4), (170, y + 2)), "#8b3a33", 1.4)
            c.line(((147, y + 9), (164, y + 8)), "#5a5a5a", 1)
    return c


def cars(stage: str, variant: int) -> Canvas:
    """Cars on the pavement, or none."""
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
