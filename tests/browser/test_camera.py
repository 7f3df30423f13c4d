"""The camera in Chromium: a fake camera made from sample faces, refusals, a video file instead."""

from __future__ import annotations

import json
import re

import cv2
import pytest
from fake_camera import SIZE, camera_flags, draw_face, write_camera
from pages import Watched
from playwright.sync_api import expect
from processes import LOOPBACK, served_app

from xfera_nb.widgets.camera.state import CameraState
from xfera_nb.widgets.camera.widget import CameraPanel
from xfera_nb.widgets.shared.front import read_script, read_style

pytestmark = pytest.mark.browser

FACES = {"C01HA": "happiness", "C03AN": "anger", "C04SU": "surprise"}
LISTEN = """() => {
    window.xfSeen = [];
    document.querySelector('.xf-camera').addEventListener(
        'xf-moment', ({ detail }) => window.xfSeen.push(detail));
}"""
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
BARE = """<!doctype html><meta charset="utf-8"><style>%s</style>
<div id="outer"><div class="xf-explainer"><div id="view"></div></div></div>
<script type="module">
import view from "/camera.js";
const values = %s;
window.xfSent = [];
const model = {
    get: (name) => values[name], on: () => {}, off: () => {}, set: () => {}, save_changes: () => {},
    send: (content, _, buffers) => window.xfSent.push([content, buffers?.[0].byteLength ?? 0]),
};
view.render({ model, el: document.getElementById("view") });
</script>"""


@pytest.fixture(scope="module")
def with_camera(launch, tmp_path_factory):
    """Chromium whose camera shows the faces in turns, two seconds each."""
    film = write_camera(tmp_path_factory.mktemp("film") / "faces.mjpeg", list(FACES), 2)
    return launch(*camera_flags(film))


@pytest.fixture(scope="module")
def without_camera(browser):
    return browser


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with served_app(tmp_path_factory.mktemp("app")) as (_, base, token, log):
        yield f"{base}?token={token}#camera", log


@pytest.fixture
def opened(served, request):
    """Open the view in a browser: a function of the browser, the size and the theme."""
    url, log = served
    contexts, errors = [], []

    def open_in(browser, size=(1280, 800), scheme="light"):
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        Watched(page, request.node.name, log)
        page.goto(url)
        page.wait_for_selector(".xf-camera")
        page.evaluate(LISTEN)
        return page

    yield open_in
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def bare(request):
    """Open the front end alone, without a kernel: a function of the browser and the host."""
    contexts = []
    panel = CameraPanel(CameraState())
    values = json.dumps({"facts": panel.facts, "choices": panel.choices})
    body = BARE % (read_style("explainer", "camera"), values)

    def open_in(browser, host=LOOPBACK, scheme="https"):
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        page.route("**/camera.js", lambda route: route.fulfill(
            body=read_script("camera"), content_type="text/javascript"))  # fmt: skip
        page.route("**/page", lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto(f"{scheme}://{host}/page")
        page.wait_for_selector(".xf-camera")
        return page

    yield open_in
    for context in contexts:
        context.close()


def start(page):
    page.get_by_role("button", name="Start camera").click()


def status(page):
    return page.locator(".xf-camera .xf-status").first


def test_the_prediction_follows_the_faces_and_a_moment_can_be_frozen(opened, with_camera):
    page = opened(with_camera)
    expect(page.get_by_role("button", name="Freeze")).to_be_disabled()
    start(page)
    page.wait_for_function("""() => {
        const seen = window.xfSeen.map((one) => one.predicted);
        return ['happiness', 'anger', 'surprise'].every((one) => seen.includes(one));
    }""")
    seen = [one["predicted"] for one in page.evaluate("() => window.xfSeen")]
    assert set(seen) == set(FACES.values())
    order = [one for i, one in enumerate(seen) if i == 0 or one != seen[i - 1]]
    names = list(FACES.values())
    assert all(
        names[(names.index(one) + 1) % len(names)] == next_one
        for one, next_one in zip(order, order[1:], strict=False)
    )
    expect(page.locator(".xf-cam-speed")).to_have_text(
        re.compile(r"[\d.]+ frames a second, \d+ ms behind")
    )
    expect(page.locator(".xf-cam-about")).to_contain_text("Nothing is smoothed")
    page.get_by_label("Smoothing").select_option("0.5")
    expect(page.locator(".xf-cam-about")).to_contain_text(re.compile("mean of .* the last 0.5 s"))

    page.get_by_label("Practise").select_option("12")
    expect(page.locator(".xf-cam-verdict")).to_contain_text("AU12 was held for 1.5 s")

    page.get_by_role("button", name="This is my neutral face").click()
    expect(page.get_by_text("Action Units, minus your neutral face")).to_be_visible()
    page.get_by_role("button", name="Forget my neutral face").click()
    expect(page.get_by_text("Action Units, 0 to 5")).to_be_visible()

    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("tab", name="Explain")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".xf-picker option:checked")).to_have_text(re.compile("^camera "))
    page.get_by_role("tab", name="Camera").click()
    expect(page.get_by_role("button", name="Start camera")).to_be_visible()
    expect(status(page)).to_contain_text("stopped while this view was hidden")


def test_it_fits_narrow_and_dark_pages(opened, with_camera):
    page = opened(with_camera, (390, 844), "dark")
    page.wait_for_function(FITS)
    start(page)
    page.wait_for_function("() => window.xfSeen.length > 2")
    page.wait_for_function(FITS)
    page.get_by_label("Practise").select_option("4")
    page.wait_for_function(FITS)


def test_without_a_camera_a_video_file_is_measured_instead(opened, without_camera, tmp_path):
    page = opened(without_camera)
    start(page)
    expect(status(page)).to_contain_text("or choose a video file.")
    film = cv2.VideoWriter(str(tmp_path / "me.webm"), cv2.VideoWriter_fourcc(*"VP80"), 10, SIZE)
    for number in range(60):
        film.write(draw_face("C01HA", number)[:, :, ::-1])
    film.release()
    page.locator(".xf-cam-file input").set_input_files(tmp_path / "me.webm")
    page.wait_for_function("() => window.xfSeen.some((one) => one.predicted === 'happiness')")
    expect(status(page)).to_have_text("The video has ended.")
    (tmp_path / "no.webm").write_bytes(b"no video")
    page.locator(".xf-cam-file input").set_input_files(tmp_path / "no.webm")
    expect(status(page)).to_contain_text("This file cannot be played")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("NotAllowedError", "The camera was refused"),
        ("NotFoundError", "There is no camera here"),
        ("NotReadableError", "The camera cannot be read"),
        ("AbortError", "The camera did not start (AbortError)"),
    ],
)
def test_each_refusal_is_one_sentence(bare, without_camera, name, sentence):
    page = bare(without_camera)
    page.evaluate(
        """(name) => { navigator.mediaDevices.getUserMedia =
            () => Promise.reject(new DOMException("", name)); }""",
        name,
    )
    start(page)
    expect(status(page)).to_contain_text(sentence)
    expect(status(page)).to_contain_text("or choose a video file.")
    assert page.evaluate("() => window.xfSent.length") == 0


def test_a_page_of_another_machine_gets_no_frame(bare, with_camera):
    page = bare(with_camera, "lab.example")
    expect(status(page)).to_contain_text("frames stay on this one")
    start(page)
    expect(status(page)).to_contain_text("frames stay on this one")
    page.wait_for_timeout(500)
    assert page.evaluate("() => window.xfSent.length") == 0


def test_one_frame_is_sent_until_it_is_answered_and_a_hidden_view_gives_the_camera_back(
    bare, with_camera
):
    page = bare(with_camera)
    start(page)
    page.wait_for_function("() => window.xfSent.length > 0")
    page.wait_for_timeout(1000)
    ((content, size),) = page.evaluate("() => window.xfSent")
    assert re.fullmatch(r"\S+ 1", content["frame"]) and 2_000 < size < 200_000
    page.evaluate("() => { document.getElementById('outer').style.display = 'none'; }")
    page.wait_for_function(
        "() => document.querySelector('.xf-camera').dataset.running === 'false'"
    )
    assert page.evaluate("() => document.querySelector('video').srcObject === null")
