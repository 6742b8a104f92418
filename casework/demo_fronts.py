"""Drawings of shops, walls and building sites for the demo's photos."""

from casework.demo_canvas import Canvas

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


def shop(stage: str, variant: int) -> Canvas:
    """A shop, its goods out on the pavement, half of them gone, or all inside. Variant 0 has the story's sign."""
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
        _goods(c)
    if stage != "after":
        c.crate(262, 138, 40, 44, "#7f9b4e")
    if stage == "during":
        c.crate(220, 146, 38, 34, "#c2935d")
    if stage == "after":
        c.shape(((140, 164), (140, 102), (180, 102), (180, 164)), "#f2e3b8", 0.3)
    return c


def _goods(c: Canvas) -> None:
    for crate in (
        (20, 132, 40, 42, "#b98a55"),
        (34, 100, 34, 32, "#a97b48"),
        (66, 140, 44, 38, "#3d6f9e"),
    ):
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


def waste(stage: str, variant: int) -> Canvas:
    """A brick wall with rubbish bags before it, or a bin."""
    c = Canvas("#7d4a38")
    _bricks(c)
    c.pavement()
    shift = variant * 22
    if stage == "after":
        c.box(44 + shift, 132, 34, 58, "#3f7a4b")
        c.box(41 + shift, 126, 40, 8, "#2f5c39")
        return c
    bags = (
        ((92, 182, 34), (132, 172, 40), (182, 180, 36), (222, 190, 28))
        if stage == "before"
        else ((182, 190, 24),)
    )
    for x, y, r in bags:
        c.oval(x + shift, y, r, r * 0.82, "#2e3436")
        c.line(((x - r * 0.5 + shift, y - r * 0.2), (x + shift, y - r * 0.55)), "#697276", 2.2)
    c.shape(((168 + shift, 188), (202 + shift, 182), (210 + shift, 212), (172 + shift, 216)), "#b98a55")
    c.shape(((206 + shift, 204), (236 + shift, 196), (242 + shift, 214), (210 + shift, 218)), "#c9c4b2")
    if stage == "before":
        c.disc(118 + shift, 206, 9, "#d8d4c4")
        c.disc(96 + shift, 212, 6, "#3f8f5a")
    return c


def site(stage: str, variant: int) -> Canvas:
    """A building site, open, half or wholly fenced."""
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
        c.shape(
            ((x - r, y + 12), (x - r * 0.2, y - r * 0.5), (x + r * 0.3, y - r * 0.42), (x + r, y + 12)),
            "#7c6344",
        )
    c.line(((0, 206), (320, 214)), "#6d5738", 2)
    if stage != "before":
        reach = 320 if stage == "after" else 170
        for x in range(0, reach, 32):
            c.fade(x, 128, 31, 70, "#3f86b8", "#2f6d9b")
            c.line(((x, 128), (x, 200)), "#e7edf0", 1.4)
        c.box(0, 140, reach, 7, "#f2f2ea")
    return c


def wall(stage: str, variant: int) -> Canvas:
    """A wall with a poster, its plaster gone or whole."""
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


def shed(stage: str, variant: int) -> Canvas:
    """A shed against a wall, standing, taken down, or gone."""
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
