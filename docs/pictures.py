"""Take the pictures of README and documentation: ``python docs/pictures.py``.

Serves the application on the samples, opens it in Chromium, and writes into ``docs/images``: one
JPEG a view, and a moving picture of the Explainer. Needs Chromium on PATH and the extras "app" and
"dev".
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
QUALITY = 86
MOVING_WIDTH = 960
MOVING_LIMIT = 3_000_000
HOLD = 900  # milliseconds at the end of each scene
STEP = 110
K = (0.8, 2.3)


def shoot(page: Page) -> Image.Image:
    """Return what the page shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def save(page: Page, name: str) -> None:
    """Write a picture of the page."""
    page.mouse.move(5, 5)
    page.wait_for_timeout(400)
    shoot(page).save(IMAGES / f"{name}.jpg", quality=QUALITY, optimize=True)


def show(page: Page, name: str) -> None:
    """Choose a view."""
    page.get_by_role("tab", name=name, exact=True).click()
    page.wait_for_timeout(1500)


def record(page: Page) -> list[tuple[Image.Image, int]]:
    """Move k, then hide the mouth and show it again; return frames with their milliseconds."""
    knob = page.locator(".xf-view-explain .widget-slider").first.locator(".noUi-handle")
    knob.focus()
    knob.press("Home")
    for _ in range(round(K[0] / 0.05)):
        knob.press("ArrowRight")
    page.wait_for_timeout(1000)
    frames = [(shoot(page), HOLD)]
    for number in range(round((K[1] - K[0]) / 0.05)):
        knob.press("ArrowRight")
        page.wait_for_timeout(250)
        if number % 2:
            frames.append((shoot(page), STEP))
    frames[-1] = (frames[-1][0], HOLD)
    page.get_by_role("button", name="Recommended").click()
    page.wait_for_timeout(800)
    frames.append((shoot(page), HOLD))
    for part in ("Brows", "Mouth"):
        page.get_by_role("button", name=part, exact=True).click()
        page.wait_for_timeout(2500)
        frames.append((shoot(page), 2 * HOLD))
    page.get_by_role("button", name="Whole face").click()
    page.wait_for_timeout(2500)
    frames.append((shoot(page), HOLD))
    return frames


def save_moving(frames: list[tuple[Image.Image, int]], path: Path) -> None:
    """Write frames as an animated WebP."""
    width, height = frames[0][0].size
    size = (MOVING_WIDTH, round(height * MOVING_WIDTH / width))
    images = [frame.resize(size, Image.Resampling.LANCZOS) for frame, _ in frames]
    times = [time for _, time in frames]
    images[0].save(
        path, save_all=True, append_images=images[1:], duration=times, loop=0, quality=70, method=6
    )
    if path.stat().st_size > MOVING_LIMIT:
        raise SystemExit(f"{path} has {path.stat().st_size:,} bytes; {MOVING_LIMIT:,} are allowed.")


def take(page: Page, url: str) -> None:
    """Take all pictures of one theme; the light one has the moving picture."""
    page.goto(url)
    page.wait_for_selector(".js-plotly-plot .scatterlayer path.point")
    page.wait_for_timeout(3000)
    save(page, "app")
    page.locator(".xf-view-explain .xf-fold button").first.click()
    page.wait_for_timeout(600)
    page.set_viewport_size({"width": 1280, "height": 1040})
    page.wait_for_timeout(800)
    save_moving(record(page), IMAGES / "explainer.webp")
    page.set_viewport_size({"width": 1280, "height": 800})
    show(page, "Explore")
    page.get_by_role("button", name="Measure the samples").click()
    page.locator(".xf-tile").first.click()
    page.wait_for_timeout(4000)
    save(page, "explore")
    for name in ("Tune", "Compare", "Learn"):
        show(page, name)
        page.wait_for_timeout(9000)
        save(page, name.lower())


def main() -> None:
    """Take the pictures."""
    sys.path.insert(0, str(ROOT / "tests" / "helpers"))
    from processes import served_app

    with (
        tempfile.TemporaryDirectory() as folder,
        served_app(Path(folder)) as (_, base, token, _log),
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        url = f"{base}?token={token}"
        size = {"width": 1280, "height": 800}
        take(chromium.new_page(viewport=size, color_scheme="light"), url)
        dark = chromium.new_page(viewport=size, color_scheme="dark")
        dark.goto(url)
        dark.wait_for_selector(".js-plotly-plot .scatterlayer path.point")
        dark.wait_for_timeout(3000)
        save(dark, "app_dark")
        chromium.close()


if __name__ == "__main__":
    main()
