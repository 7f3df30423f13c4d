"""Take the pictures of README and documentation: ``python docs/pictures.py``.

Serves the application, a study and the Timeline on the samples, opens them in Chromium, and writes
into ``docs/images``: one JPEG a view, and a moving picture of the Explainer. Clips and comparisons
are those that the tutorials make: their code is run. With names, such as ``timeline study``, takes
those alone. Needs Chromium on PATH and the extras "app" and "dev".
"""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
QUALITY = 86
LIMIT = 150_000
"""Bytes of a JPEG, for which its quality is lowered if need be."""
MOVING_WIDTH = 960
MOVING_LIMIT = 3_000_000
HOLD = 900  # milliseconds at the end of each scene
STEP = 110
K = (0.8, 2.3)


def shoot(page: Page) -> Image.Image:
    """Return what the page shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def write(image: Image.Image, name: str) -> None:
    """Write a JPEG within the limit."""
    for quality in range(QUALITY, 50, -4):
        data = io.BytesIO()
        image.save(data, "JPEG", quality=quality, optimize=True, progressive=True)
        if data.tell() <= LIMIT:
            break
    (IMAGES / f"{name}.jpg").write_bytes(data.getvalue())


def save(page: Page, name: str) -> None:
    """Write a picture of the page."""
    page.mouse.move(5, 5)
    page.wait_for_timeout(400)
    write(shoot(page), name)


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


def take_app(page: Page, url: str) -> None:
    """Take the views of the application, and the moving picture."""
    open_app(page, url)
    save(page, "app")
    page.locator(".xf-view-explain .xf-fold button").first.click()
    page.wait_for_timeout(600)
    page.set_viewport_size(SIZE | {"height": 1040})
    page.wait_for_timeout(800)
    save_moving(record(page), IMAGES / "explainer.webp")
    page.set_viewport_size(SIZE)
    show(page, "Explore")
    page.get_by_role("button", name="Measure the samples").click()
    page.locator(".xf-tile").first.click()
    page.wait_for_timeout(4000)
    save(page, "explore")
    for name in ("Tune", "Compare", "Learn"):
        show(page, name)
        page.wait_for_timeout(9000)
        save(page, name.lower())
    page.get_by_role("tab", name="Quiz", exact=True).click()
    page.locator(".xf-quiz img").first.wait_for()
    page.mouse.move(5, 5)
    page.wait_for_timeout(1500)
    foot = page.get_by_text("It explains what a model did").last.bounding_box()
    write(shoot(page).crop((0, 0, SIZE["width"], foot["y"] + foot["height"] + 16)), "quiz")


def take_checks(page: Page, url: str) -> None:
    """Take the beginning of the panel that checks a map: the rows that fit."""
    page.set_viewport_size(SIZE | {"height": 3000})
    open_app(page, url)
    page.get_by_role("button", name="Explain", exact=True).click()
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Check this map").click()
    page.locator(".xf-faithfulness tbody tr").first.wait_for()
    page.mouse.move(5, 5)
    page.wait_for_timeout(2000)
    panel = page.locator(".xf-faithfulness").bounding_box()
    rows = [row.bounding_box() for row in page.locator(".xf-faithfulness tbody tr").all()]
    left, top = panel["x"] - 16, panel["y"] - 8
    ends = [row["y"] + row["height"] for row in rows if row]
    end = max(end for end in ends if end - top <= SIZE["height"])
    write(shoot(page).crop((left, top, left + panel["width"] + 32, end)), "checks")
    page.set_viewport_size(SIZE)


def take_camera(playwright: Playwright, url: str, folder: Path) -> None:
    """Take the camera, which shows a sample face."""
    from fake_camera import camera_flags, write_camera

    film = write_camera(folder / "face.mjpeg", ["C01HA"])
    chromium = launch(playwright, *camera_flags(film))
    page = chromium.new_page(viewport=SIZE)
    page.goto(f"{url}#camera")
    page.get_by_role("button", name="Start camera").click()
    page.locator(".xf-cam-speed").get_by_text("frames a second").wait_for()
    page.wait_for_timeout(6000)
    save(page, "camera")
    chromium.close()


def take_timeline(page: Page, folder: Path) -> None:
    """Take the Timeline of the clip that the tutorial makes, with a frame picked."""
    run_tutorial("video", folder, "clip.mp4")
    source = """
        import xfera_nb as xf
        xf.explain_video("clip.mp4", "clip.store", progress=False)
        view = xf.widgets.Timeline("clip.store")
        view.state.pick_time(3.6)
        view
    """
    with served_cell(source, folder) as url:
        page.goto(url)
        page.locator(".xf-explorer path.js-line").first.wait_for(state="attached")
        page.wait_for_timeout(4000)
        # Without the Explainer, which begins below.
        write(shoot(page).crop((0, 0, 870, 788)), "timeline")


def take_study(page: Page, folder: Path) -> None:
    """Take a page of a study's second part, with the heatmap and the text."""
    from processes import free_port

    from xfera_nb.cli import main as xfera

    study, samples = folder / "my-study", ROOT / "data" / "samples"
    build = ["study", "build", str(samples), "--out", str(study), "--conditions", "none,text"]
    if xfera([*build, "--misclassified", "1", "--ambiguous", "0", "--random", "1"]):
        raise SystemExit("The study was not built.")
    port = free_port()
    serve = ["-m", "xfera_nb.cli", "study", "serve", str(study), "--no-browser"]
    with served([sys.executable, *serve, "--port", str(port)], port, folder) as url:
        page.goto(f"{url}?token={(study / 'address.token').read_text()}")
        page.locator(".xf-study-agree input").check()
        page.get_by_role("button", name="Begin").click()
        while not page.locator(".xf-study-text").count():
            page.locator(".xf-study fieldset").first.wait_for()
            before = page.locator(".xf-study-main").text_content()
            for question in page.locator(".xf-study fieldset").all():
                question.locator("input").nth(3).check()
            page.get_by_text("Saved.").wait_for()
            page.get_by_role("button", name="Next").click()
            page.wait_for_function(
                "(text) => document.querySelector('.xf-study-main').textContent !== text",
                arg=before,
            )
        for number, question in enumerate(page.locator(".xf-study fieldset").all()[:2]):
            question.locator("input").nth(3 - number).check()
        page.get_by_text("Saved.").wait_for()
        page.evaluate("() => scrollTo(0, 0)")
        save(page, "study")


def take_handout(page: Page, folder: Path) -> None:
    """Take a handout of one face, and one of four, as they come out on paper."""
    from xfera_nb import explain

    paper = {"width": 794, "height": 1123}  # A4 at 96 dpi
    page.set_viewport_size(paper)
    page.emulate_media(media="print")
    table = Image.new("RGB", tuple(SIZE.values()), "#d8dade")
    sets = (("C01HA",), ("C01HA", "C03AN", "C04SU", "C06SA"))
    for number, codes in enumerate(sets):
        photos = [ROOT / "data" / "samples" / f"{code}.jpg" for code in codes]
        explain(photos).save_handout(folder / "handout.html")
        page.goto((folder / "handout.html").as_uri())
        page.add_style_tag(content="html { background: #fff } body { padding: 8mm !important }")
        page.wait_for_timeout(500)
        sheet = shoot(page).resize((530, 750), Image.Resampling.LANCZOS)
        table.paste(sheet, (80 + number * 590, 25))
    write(table, "handout")
    page.emulate_media(media="screen")
    page.set_viewport_size(SIZE)


def take_comparison(page: Page, folder: Path, tutorial: str, file: str, name: str) -> None:
    """Take the beginning of the comparison that a tutorial saves."""
    run_tutorial(tutorial, folder, file)
    page.goto((folder / file).as_uri())
    # As large as the pictures and the summary allow.
    page.add_style_tag(content="body { zoom: 1.12 }")
    page.wait_for_timeout(500)
    end = page.locator("ul").first.evaluate("(e) => e.getBoundingClientRect().bottom")
    picture = Image.new("RGB", tuple(SIZE.values()), "white")
    picture.paste(shoot(page).crop((0, 0, SIZE["width"], round(end) + 8)))
    write(picture, name)


def open_app(page: Page, url: str) -> None:
    """Open the application and wait until its first face is there."""
    page.goto(url)
    page.wait_for_selector(".js-plotly-plot .scatterlayer path.point")
    page.wait_for_timeout(3000)


def run_tutorial(name: str, folder: Path, until: str) -> None:
    """Run the Python of a tutorial until it has written a file."""
    from doc_pages import FENCE

    (folder / "data").unlink(missing_ok=True)
    (folder / "data").symlink_to(ROOT / "data")
    text = (ROOT / "docs" / "tutorials" / f"{name}.md").read_text("utf-8")
    scope: dict[str, object] = {"__name__": name}
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        for language, code in FENCE.findall(text):
            if language == "python" and not Path(until).exists():
                exec(compile(code, name, "exec"), scope)  # noqa: S102


@contextlib.contextmanager
def served(command: list[str], port: int, folder: Path) -> Iterator[str]:
    """Run a command that serves on a port; give its address."""
    from processes import LOOPBACK, end_family, wait_until_served

    from xfera_nb.cli.app import voila_environment

    environment = {**voila_environment(), "PYTHONPATH": str(ROOT)}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
    url = f"http://{LOOPBACK}:{port}/"
    try:
        wait_until_served(process, f"{url}voila/static/voila.js", folder / "server.log")
        yield url
    finally:
        end_family(process)


@contextlib.contextmanager
def served_cell(source: str, folder: Path) -> Iterator[str]:
    """Serve a notebook of one cell; give its address."""
    from processes import free_port

    from xfera_nb.cli.app import voila_command

    cell = nbformat.v4.new_code_cell(textwrap.dedent(source).strip())
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / "one.ipynb")
    port = free_port()
    with served(voila_command(folder / "one.ipynb", port, browser=False), port, folder) as url:
        yield url


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Start Chromium."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox", *flags]
    )


def main() -> None:
    """Take the pictures."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]
    from processes import served_app

    with (
        tempfile.TemporaryDirectory() as made,
        served_app(Path(made)) as (_, base, token, _log),
        sync_playwright() as playwright,
    ):
        folder, url = Path(made), f"{base}?token={token}"
        chromium = launch(playwright)
        page = chromium.new_page(viewport=SIZE, color_scheme="light")
        page.set_default_timeout(180_000)

        def take_dark() -> None:
            dark = chromium.new_page(viewport=SIZE, color_scheme="dark")
            open_app(dark, url)
            save(dark, "app_dark")

        takes: dict[str, Callable[[], None]] = {
            "app": lambda: take_app(page, url),
            "dark": take_dark,
            "checks": lambda: take_checks(page, url),
            "camera": lambda: take_camera(playwright, url, folder),
            "timeline": lambda: take_timeline(page, folder),
            "study": lambda: take_study(page, folder),
            "handout": lambda: take_handout(page, folder),
            "mistake": lambda: take_comparison(page, folder, "mistake", "maps.html", "mistake"),
            "own_model": lambda: take_comparison(
                page, folder, "own-model", "both.html", "own_model"
            ),
        }
        names = sys.argv[1:] or list(takes)
        if unknown := set(names) - set(takes):
            sys.exit(f"There is no picture {min(unknown)!r}; there are {', '.join(takes)}.")
        for name in names:
            takes[name]()
        chromium.close()


if __name__ == "__main__":
    main()
