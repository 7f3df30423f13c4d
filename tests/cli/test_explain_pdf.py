"""``xfera explain --pdf``."""

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def printed(monkeypatch):
    """What was printed, in place of a browser's work."""
    pages = []

    def print_pdf(page, **_):
        pages.append(page)
        return b"%PDF-1.4 made"

    monkeypatch.setattr("xfera_nb.report.pdf.print_pdf", print_pdf)
    monkeypatch.setattr("xfera_nb.report.pdf.find_browser", lambda: "chromium")
    return pages


def test_the_page_is_printed(xfera, sample, tmp_path, printed):
    pdf, html = tmp_path / "one.pdf", tmp_path / "one.html"
    code, out, err = xfera("explain", sample, "--pdf", pdf, "--html", html)
    assert (code, err) == (0, "") and "C01HA.jpg" in out
    assert pdf.read_bytes() == b"%PDF-1.4 made"
    assert printed == [html.read_text("utf-8")]


def test_two_photos_are_one_pdf(xfera, sample, samples, tmp_path, printed):
    code, _, _ = xfera("explain", sample, samples / "C02NE.jpg", "--pdf", tmp_path / "two.pdf")
    assert code == 0 and len(printed) == 1
    assert printed[0].count("<article") == 2


def test_without_a_browser_nothing_is_begun(xfera, sample, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = xfera("explain", sample, "--pdf", tmp_path / "one.pdf")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and "Chromium, Chrome or Edge on PATH" in err
    assert not (tmp_path / "one.pdf").exists()


def test_a_place_that_cannot_be_written_is_told_first(xfera, sample, tmp_path, printed):
    code, out, err = xfera("explain", sample, "--pdf", tmp_path / "none" / "one.pdf")
    assert (code, out) == (2, "") and "does not exist" in err
    assert printed == []


def test_one_file_cannot_be_both(xfera, sample, tmp_path, printed):
    code, _, err = xfera("explain", sample, "--pdf", tmp_path / "x", "--html", tmp_path / "x")
    assert code == 2 and "same file" in err
