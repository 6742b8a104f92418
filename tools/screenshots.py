"""Draw the pictures of the documentation anew: `python -m tools.screenshots [FOLDER]`.

Loads the demo city as of one fixed day into a folder of its own, serves it with the clock stopped on that
morning, and lets Chromium look at it. The same code makes the same pictures.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from werkzeug.serving import make_server

from app import create_app
from casework.passwords import DEMO_PASSWORD
from settings import ROOT, Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AS_OF = "2026-09-02"
NOW = datetime(2026, 9, 2, 2, 24, tzinfo=UTC)  # 10:24 in Xining
SHOP = "小杨超市"
SETTLE_MS = 1500
MAX_BYTES = 400_000
FLAT_COLOURS = 96


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, the window in px, how many device pixels make one, who looks at it."""

    name: str
    width: int
    height: int
    scale: int = 1
    user: str = "leader"


PICTURES = (Picture("problem-map", 1440, 900), Picture("problem-map-phone", 390, 844, scale=2))


@contextmanager
def served(instance: Path) -> Iterator[str]:
    """The demo city's address while it is served."""
    command = [sys.executable, str(ROOT / "cli.py"), "init", "--demo", "--as-of", AS_OF]
    subprocess.run(
        command, check=True, env=os.environ | {"INSTANCE": str(instance)}, stdout=subprocess.DEVNULL
    )
    server = make_server("127.0.0.1", 0, create_app(Settings(instance=instance, now=NOW)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def chromium() -> str:
    """Where the browser is. Raises SystemExit when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise SystemExit("no Chromium here (Debian: apt install chromium fonts-noto-cjk)")
    return found


def take(browser: "Browser", address: str, picture: Picture) -> bytes:
    """The problem map with the supermarket's case open, in Chinese and light, as a PNG."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height}, device_scale_factor=picture.scale,
        locale="zh-CN", timezone_id="Asia/Shanghai", color_scheme="light", has_touch=picture.width < 640,
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=username]", picture.user)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"{address}/?lang=zh&q={SHOP}")
    page.locator("#list-pane .item").first.click()
    page.wait_for_url("**finding=*")
    number = page.evaluate("new URLSearchParams(location.search).get('finding')")
    page.goto(f"{address}/?lang=zh&finding={number}")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLE_MS)
    shot = page.screenshot()
    context.close()
    return shot


def slim(png: bytes) -> bytes:
    """The picture with 256 colours: the map's flat ones exactly as they are, near ones in what photos show."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    often = sorted(image.getcolors(image.width * image.height) or [], reverse=True)[:FLAT_COLOURS]
    flat = [part for _count, colour in often for part in (colour if isinstance(colour, tuple) else ())]
    rest = image.quantize(256 - FLAT_COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette((flat + rest)[: 3 * 256])
    packed = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def main() -> int:
    """Write every picture. Returns the exit status: 1 when one is larger than it should be."""
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    status = 0
    with (
        tempfile.TemporaryDirectory() as instance,
        served(Path(instance)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in PICTURES:
            png = slim(take(browser, address, picture))
            (folder / f"{picture.name}.png").write_bytes(png)
            print(f"{picture.name}.png: {picture.width} × {picture.height}, {len(png) // 1000} kB")
            status = max(status, int(len(png) > MAX_BYTES))
        browser.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
