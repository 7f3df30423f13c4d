"""Handouts: one face on one A4 page, several as cards with one block of settings."""

from dataclasses import replace

import pytest
from made_results import face, result
from playwright.sync_api import sync_playwright
from printed import count_pages, page_sizes

from xfera_nb.explanation import Draft
from xfera_nb.facs import OPENFACE_AUS
from xfera_nb.report import HandoutFace, Results, SaveError, handout_html
from xfera_nb.report.handout import check_format

A4 = (595, 842)  # points
LONG = "I looked at the pulling of the lip corners and at the lifting of the cheeks for long. " * 60
INVENTED = "The nose wrinkler, the chin raiser and the brow lowerer moved, which is fear. " * 40
CLIPPED = """() => [...document.querySelectorAll('.xf-sheet, .xf-card, .xf-settings')]
    .filter((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
    .map((e) => `${e.className} ${e.scrollHeight} > ${e.clientHeight}`)"""


class FixedWriter:
    name = "openai"

    def __init__(self, text):
        self.text = text

    def write(self, facts, prompt):
        return Draft(self.text, self.name, "a-language-model-of-a-long-name-2026-11")


def some(number, **options):
    return [
        result(1.0, 0.1, shown=face(seed, f"photo {seed}.png"), **options)
        for seed in range(number)
    ]


def page_of(results):
    return handout_html(map(HandoutFace.from_result, results))


def test_one_face_is_a_page_with_its_numbers():
    page = page_of(some(1, aus={12: 3.5}))
    assert page.count('class="xf-sheet"') == page.count("Settings and sources") == 1
    for said in (
        "XFERa handout: photo 0.png", "<h2>Happiness</h2>", "Medium confidence, 70%",
        "This explains what the model did, not what the person feels.",
        "AU12 lip corner puller", "zygomaticus major", "3.5", "mean + k SD, k = 0",
    ):  # fmt: skip
        assert said in page
    assert "xf-cards" not in page.split("<body>")[1] and "Page 1" not in page


@pytest.mark.parametrize(
    ("number", "sheets", "in_cell"),
    [(2, 1, False), (3, 1, True), (4, 1, False), (5, 1, False), (6, 1, False), (7, 2, False)],
)
def test_several_faces_are_cards_with_one_block_of_settings(number, sheets, in_cell):
    page = page_of(some(number))
    assert page.count('class="xf-sheet"') == sheets
    assert page.count("xfera xf-card") == number
    assert page.count("Settings and sources") == 1
    assert ("xf-with-settings" in page.split("<body>")[1]) is in_cell
    assert page.count("This explains what the model did") == sheets
    assert all(f'aria-label="Face {n}"' in page for n in range(1, number + 1))
    assert (f"Page {sheets} of {sheets}" in page) is (sheets > 1)


def test_settings_that_differ_name_their_faces():
    one, two, three = some(3)
    page = page_of([one, two.with_params(k=0.5), three])
    assert "mean + k SD, k = 0 (faces 1, 3); mean + k SD, k = 0.5 (face 2)" in page
    assert page.count("Minimum coverage") == 1 and "<dd>50%</dd>" in page


def test_text_from_files_and_models_is_escaped():
    told = result(1.0, 0.1, shown=face(0, "<b>a</b>\x1b.png")).with_params(
        writer=FixedWriter("<script>alert(1)</script> I saw the pulling of the lip corners.")
    )
    told = replace(told, note="<i>a note</i>")
    for page in (page_of([told]), page_of([told, told])):
        body = page.split("<body>")[1]
        assert "<script>" not in page and "&lt;script&gt;" in body
        assert "<b>a" not in body and "&lt;b&gt;a&lt;/b&gt;?.png" in body
        assert "<i>" not in body and "&lt;i&gt;a note" in body
        assert "a &lt;test&gt;" in body  # the AU source


def test_a_card_has_three_sentences_and_marks_what_the_check_objects_to():
    told = result(1.0, 0.1).with_params(
        writer=FixedWriter("One. Two. I saw the wrinkling of the nose. Four. Five."),
    )
    absent = told.with_params(min_intensity=4.0, writer=told.writer)
    card, whole = (HandoutFace.from_result(absent).tell(on_card=c) for c in (True, False))
    assert card.startswith("One. Two. I saw the <mark>") and "AU09 unsupported" in card
    assert "Four" not in card and "…" not in card
    assert whole.endswith("Four. Five.")


def test_long_texts_are_cut_with_a_mark():
    told = HandoutFace.from_result(result(1.0, 0.1).with_params(writer=FixedWriter(LONG)))
    assert told.tell(on_card=False).endswith("for long. …")
    assert 700 < len(told.tell(on_card=False)) < 1_101
    endless = FixedWriter("w" * 900)
    word = HandoutFace.from_result(result(1.0, 0.1).with_params(writer=endless))
    on_card, on_page = word.tell(on_card=True), word.tell(on_card=False)
    assert set(on_card) == set(on_page) == set("w …") and on_card.endswith("w …")
    assert len(on_page) - len(on_card) == (1_100 - 430) / 2  # a wide letter counts as two


def test_only_what_is_present_is_listed_strongest_first():
    aus = dict.fromkeys(OPENFACE_AUS, 0.0) | {1: 1.0, 12: 4.0, 25: 2.0}
    shown = HandoutFace.from_result(result(1.0, 0.1, aus=aus).with_params(min_intensity=0.8))
    assert [row.au for row in shown.rows] == [12, 25, 1]
    assert shown.missing == "absent: AU06"
    many = HandoutFace.from_result(result(1.0, 0.1, default=2.0))
    rows, weaker = many.listed(on_card=True)
    assert len(rows) == 6 and len(weaker.split(", ")) == len(many.rows) - 6
    assert many.listed(on_card=False)[1] == ""


def test_a_face_without_a_map_says_so():
    page = page_of([result(-1.0, -1.0)])
    assert "Share of the map" not in page and "speaks for" in page
    assert "None from" not in page  # movements are present without a map too


def test_another_target_is_named():
    page = page_of([result(1.0, 0.1, answer="fear"), *some(1)])
    assert "Explained is happiness (5%), which is not the prediction." in page


def test_the_name_of_the_file_says_what_it_is(tmp_path):
    assert check_format("a.PDF") == ".pdf" and check_format("b.c.html") == ".html"
    with pytest.raises(SaveError, match="end in .pdf or .html"):
        some(1)[0].save_handout(tmp_path / "a.docx")
    some(1)[0].save_handout(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text("utf-8").startswith("<!doctype html>")
    Results(some(2)).save_handout(tmp_path / "b.html")
    assert (tmp_path / "b.html").read_text("utf-8").count("xfera xf-card") == 2
    with pytest.raises(SaveError, match="no face"):
        Results().save_handout(tmp_path / "c.html")
    assert not (tmp_path / "c.html").exists()


def test_a_pdf_is_printed(tmp_path, monkeypatch):
    pages = []
    monkeypatch.setattr(
        "xfera_nb.report.handout.print_pdf", lambda page: pages.append(page) or b"%PDF-1.4 made"
    )
    Results(some(3)).save_handout(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == b"%PDF-1.4 made"
    assert pages[0].count("xfera xf-card") == 3


@pytest.mark.slow
@pytest.mark.browser
def test_on_paper_each_sheet_is_one_a4_page_and_nothing_is_cut_off(chromium):
    def longest(number):
        wide = [one.with_params(k=-1.0) for one in some(number, default=5.0)]
        return [
            replace(one.with_params(writer=FixedWriter(text)), note="The server did not answer.")
            for one, text in zip(wide, [LONG, INVENTED] * number, strict=False)
        ]

    known = {f"{n} faces": (some(n), -(-n // 6)) for n in (1, 2, 3, 4, 6, 7)}
    known |= {f"{n} long": (longest(n), -(-n // 6)) for n in (1, 2, 3, 4, 6)}
    counts, clipped = {}, {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        # As wide as an A4 page without its margins.
        page = browser.new_page(viewport={"width": 703, "height": 1060})
        for name, (results, _) in known.items():
            page.set_content(page_of(results))
            page.emulate_media(media="print")
            clipped[name] = page.evaluate(CLIPPED)
            data = page.pdf(prefer_css_page_size=True)
            counts[name] = count_pages(data)
            assert page_sizes(data) == {A4}
            page.emulate_media(media="screen")
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 844})
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide == width, (name, width)
            page.set_viewport_size({"width": 703, "height": 1060})
        browser.close()
    assert counts == {name: sheets for name, (_, sheets) in known.items()}
    assert not any(clipped.values()), clipped
