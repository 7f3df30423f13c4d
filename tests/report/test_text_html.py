"""The text on paper: how much is printed, and that what is left out is stated."""

import re
from html import unescape

import pytest

from xfera_nb.explanation.grounding import SUPPORTED, UNSUPPORTED, Finding, Sentence
from xfera_nb.report.text_html import WHERE, mark_sentence, shorten_for_paper, width


def finding(au, start, end, status=UNSUPPORTED):
    return Finding(au, status, start, end)


def plain(html):
    """What a screen shows, without tags and what is for paper alone."""
    html = re.sub(r'<span class="xf-shortened">.*?</span>', "", html)
    html = re.sub(r' <span class="xf-tag">.*?</span>', "", html)
    return unescape(re.sub(r"<[^>]+>", "", html))


def paper(html):
    """What paper shows."""
    html = re.sub(r'<span class="xf-rest">.*?</span>(?=<span class="xf-shortened">)', "", html)
    return unescape(re.sub(r"<[^>]+>", "", html))


def test_width_counts_wide_letters_twice():
    assert width("chin") == 4 and width("Chin") == 5 and width("mow") == 5
    assert width("脸颊") == 4 and width("щека") == 4 and width("it’s") == 4


def test_what_fits_is_printed_as_it_is():
    some = [Sentence("a" * 100 + ".", ()), Sentence("b" * 197 + ".", ())]
    assert shorten_for_paper(some, 301) == f"{some[0].text} {some[1].text}"
    assert "xf-shortened" in shorten_for_paper(some, 300)


def test_whole_sentences_are_printed_and_how_many():
    some = [Sentence(letter * 99 + ".", ()) for letter in "abcde"]
    html = shorten_for_paper(some, 350)
    assert paper(html) == (
        f"{some[0].text} {some[1].text} {some[2].text} Shortened to fit on paper: the first 3 of 5 "
        f"sentences. {WHERE}"
    )
    assert plain(html) == " ".join(one.text for one in some)


def test_a_sentence_without_an_end_is_cut_between_words():
    some = [Sentence("cheek " * 500, ()), Sentence("The end.", ())]
    html = shorten_for_paper(some, 400)
    printed, said = paper(html).split(" … ")
    assert printed == ("cheek " * 67).strip()[: len(printed)] and len(printed) in range(390, 401)
    assert said == (
        f"Shortened to fit on paper: the first {len(printed)} of 3,008 characters. {WHERE}"
    )
    assert plain(html).split() == (some[0].text + some[1].text).split()


@pytest.mark.parametrize("space", [300, 305, 311, 320, 340])
def test_a_marked_movement_is_never_cut_in_two(space):
    text = "x" * 290 + " the nose wrinkler moves" + "y" * 300
    one = Sentence(text, (finding(9, 291, 308),))
    html = shorten_for_paper([one], space)
    assert html.count("<mark>the nose wrinkler</mark>") == 1
    assert plain(html) == text + " "


def test_tags_take_room_and_texts_are_escaped():
    text = "<b> chin raiser"
    one = Sentence(text, (finding(17, 4, 15), finding(17, 4, 8), finding(12, 0, 3, SUPPORTED)))
    assert mark_sentence(one) == (
        '&lt;b&gt; <mark>chin raiser</mark> <span class="xf-tag">AU17 unsupported</span>'
    )
    assert "Shortened" in shorten_for_paper([one] * 12, 300)
    assert "Shortened" not in shorten_for_paper([Sentence(text, ())] * 12, 300)
