"""``xfera explain --handout``."""

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def printed(monkeypatch):
    """What was printed, in place of a browser's work."""
    pages = []

    def print_pdf(page, **_):
        pages.append(page)
        return b"%PDF-1.4 made"

    monkeypatch.setattr("xfera_nb.report.handout.print_pdf", print_pdf)
    monkeypatch.setattr("xfera_nb.report.pdf.find_browser", lambda: "chromium")
    return pages


def test_three_faces_are_one_command(xfera, samples, tmp_path, printed):
    photos = [samples / f"{code}.jpg" for code in ("C01HA", "C02SU", "C03AN")]
    code, out, err = xfera("explain", *photos, "--handout", tmp_path / "three.pdf")
    assert (code, err) == (0, "") and all(photo.name in out for photo in photos)
    assert (tmp_path / "three.pdf").read_bytes() == b"%PDF-1.4 made"
    (page,) = printed
    assert page.count("xfera xf-card") == 3 and page.count("Settings and sources") == 1
    assert page.count('class="xf-sheet"') == 1


def test_a_bad_photo_among_good_ones(xfera, sample, samples, tmp_path, no_face):
    path = tmp_path / "two.html"
    code, _, err = xfera(
        "explain", "gone.jpg", sample, no_face, samples / "C02SU.jpg", "--handout", path
    )
    assert code == 0 and len(err.splitlines()) == 2
    assert path.read_text("utf-8").count("xfera xf-card") == 2


def test_one_face_is_one_page_beside_the_other_outputs(xfera, sample, tmp_path, printed):
    handout, html = tmp_path / "one.html", tmp_path / "page.html"
    code, _, err = xfera("explain", sample, "--handout", handout, "--html", html)
    assert (code, err) == (0, "") and printed == []
    assert "xf-single" in handout.read_text("utf-8").split("<body>")[1]
    assert "<h1>XFERa explanation of C01HA.jpg</h1>" in html.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--handout", "a.docx"), "let a.docx end in .pdf or .html"),
        (("--handout", "a.html", "--html", "a.html"), "same file"),
        (("--handout", "none/a.html"), "its folder does not exist"),
    ],
)
def test_what_cannot_be_written_is_told_first(xfera, sample, printed, options, said):
    code, out, err = xfera("explain", sample, *options)
    assert (code, out) == (2, "") and said in err and len(err.splitlines()) == 1


def test_without_a_browser_no_pdf_is_begun(xfera, sample, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = xfera("explain", sample, "--handout", tmp_path / "one.pdf")
    assert (code, out) == (2, "") and "Chromium, Chrome or Edge on PATH" in err


def test_without_a_face_there_is_no_handout(xfera, no_face, tmp_path):
    code, _, _ = xfera("explain", no_face, "--handout", tmp_path / "none.html")
    assert code == 3 and not (tmp_path / "none.html").exists()
