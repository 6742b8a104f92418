"""Photos in a browser: the slider by keys and touch, and covering with mouse, finger and keys."""

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageChops
from sqlalchemy import func, select

from db.models import Photo, PhotoCopy
from tests.journeys.site import Site, Watch, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def pair(demo: Site) -> tuple[int, int]:
    """A finding with a photo from before and one from after, and the first one's id."""
    with demo.office.database.read() as session:
        both = (
            select(Photo.finding_id)
            .where(Photo.kind.in_(("before", "after")))
            .group_by(Photo.finding_id)
            .having(func.count(func.distinct(Photo.kind)) == 2)
        )
        photo = session.scalars(
            select(Photo).where(Photo.finding_id.in_(both), Photo.kind == "before").order_by(Photo.id)
        ).first()
        assert photo is not None
        return photo.finding_id, photo.id


def shown(page: "Page", demo: Site, photo_id: int) -> Image.Image:
    answer = page.request.get(f"{demo.url}/photos/{photo_id}")
    return Image.open(io.BytesIO(answer.body())).convert("RGB")


def detail(image: Image.Image) -> int:
    """How much there is to tell in a picture: squares pack into next to nothing."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return len(out.getvalue())


def cut(page: "Page") -> str:
    text: str = page.locator("[data-compare]").first.evaluate("box => box.style.getPropertyValue('--cut')")
    return text


def test_the_slider_follows_keys_mouse_and_touch(demo: Site, browser: "Browser") -> None:
    finding_id, _photo_id = pair(demo)
    for width in (1440, 390):
        with opened(browser, lang="en", width=width) as page:
            watch = Watch(page, demo.url)
            page.goto(f"{demo.url}/findings/{finding_id}/photos")
            slider = page.get_by_role("slider")
            assert cut(page) == "50%"
            slider.focus()
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowRight")
            assert cut(page) == "52%"
            assert "52 per cent" in str(slider.get_attribute("aria-valuetext"))
            page.keyboard.press("Home")
            assert cut(page) == "0%"
            page.keyboard.press("End")
            assert cut(page) == "100%"
            box = slider.bounding_box()
            assert box is not None
            x, y = box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2
            if width == 390:
                page.touchscreen.tap(x, y)
            else:
                page.mouse.click(x, y)
            page.wait_for_function(
                "() => parseInt(document.querySelector('[data-compare]').style.getPropertyValue('--cut')) < 40"
            )
            assert watch.faults() == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_face_is_covered_and_everybody_sees_the_copy(demo: Site, browser: "Browser") -> None:
    finding_id, photo_id = pair(demo)
    with opened(browser, lang="en") as page, opened(browser, lang="en", width=390) as public:
        watch = Watch(page, demo.url)
        before = shown(public, demo, photo_id)
        demo.sign_in(page, "supervisor")
        page.goto(f"{demo.url}/findings/{finding_id}/photos")
        page.get_by_role("link", name="Cover faces or plates").first.click()
        canvas = page.locator("#cover-canvas.ready")
        canvas.wait_for()
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.1)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5, steps=5)
        page.mouse.up()
        page.get_by_role("button", name="Add a rectangle in the middle").click()
        for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowLeft"):
            page.keyboard.press(key)
        rects = page.locator("#cover-list .rect")
        assert rects.count() == 2
        assert "42 % from the left, 41 % from the top, 19 % × 20 %" in rects.nth(1).inner_text()
        page.get_by_role("button", name="Add a rectangle in the middle").click()
        page.keyboard.press("Delete")
        assert rects.count() == 2
        page.get_by_role("button", name="Make the covered copy").click()
        page.get_by_text("Parts are covered").first.wait_for()
        after = shown(public, demo, photo_id)
        drawn = (
            int(before.width * 0.12),
            int(before.height * 0.12),
            int(before.width * 0.38),
            int(before.height * 0.48),
        )
        assert ImageChops.difference(before.crop(drawn), after.crop(drawn)).getbbox() is not None
        assert detail(after.crop(drawn)) < detail(before.crop(drawn)) / 2
        assert public.request.get(f"{demo.url}/photos/{photo_id}/original").status == 401
        assert public.request.get(f"{demo.url}/photos/{photo_id}/uncovered").status == 401

        page.goto(f"{demo.url}/photos/{photo_id}/cover")
        page.locator("#cover-canvas.ready").wait_for()
        assert rects.count() == 2
        page.get_by_role("button", name="Show the photo as it came again").click()
        page.get_by_text("shown as it came").wait_for()
        assert shown(public, demo, photo_id).tobytes() == before.tobytes()
        assert watch.faults() == []
    with demo.office.database.read() as session:
        assert (
            session.scalars(select(PhotoCopy.retired_at).where(PhotoCopy.photo_id == photo_id)).first()
            is not None
        )


def test_a_finger_covers_too(demo: Site, browser: "Browser") -> None:
    _finding_id, photo_id = pair(demo)
    with opened(browser, lang="zh", width=390) as page:
        demo.sign_in(page, "admin")
        page.goto(f"{demo.url}/photos/{photo_id}/cover")
        canvas = page.locator("#cover-canvas.ready")
        canvas.wait_for()
        box = canvas.bounding_box()
        assert box is not None
        touch = {"pointerType": "touch", "pointerId": 1, "isPrimary": True, "button": 0, "bubbles": True}
        # A finger that moves: the browser under test has no gesture for it but single taps.
        canvas.evaluate("canvas => { canvas.setPointerCapture = () => {}; }")
        for kind, part in (("pointerdown", 0.2), ("pointermove", 0.6), ("pointerup", 0.6)):
            at = {"clientX": box["x"] + box["width"] * part, "clientY": box["y"] + box["height"] * part}
            canvas.dispatch_event(kind, {**touch, **at})
        assert "40% × 40%" in page.locator("#cover-list .rect").last.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
