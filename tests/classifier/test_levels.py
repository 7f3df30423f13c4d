"""What a card says of the confidence levels, and what it cannot make the page say."""

import pytest

from xfera_nb.classifier import LEVELS, SHIPPED, describe_levels, load_card, read_levels


def card(**changes):
    levels = {
        level: {"least": least, "images": 10, "accuracy": 0.5} for level, least in LEVELS.items()
    }
    return {"figures": {"a set": {"accuracy": 0.5, "levels": levels | changes}}}


def test_the_levels_are_the_cards():
    found = read_levels(card(High={"least": 0.75, "images": 1200, "accuracy": 0.91}))
    assert [one.level for one in found] == ["High", "Medium", "Low"]
    assert (found[0].accuracy, found[0].images, found[0].measured_on) == (0.91, 1200, "a set")
    described = describe_levels(card())
    assert described.startswith("High (from 75%): right on 50% of 10 faces; Medium (from 45%)")
    assert described.endswith("of a set")


@pytest.mark.parametrize(
    "given",
    [
        {}, {"figures": []}, {"figures": {"a set": {"accuracy": 0.9}}},
        card(High={"least": 0.8, "images": 10, "accuracy": 0.9}),  # of other limits
        card(High={"least": 0.75, "images": "10", "accuracy": 0.9}),
        card(High={"least": 0.75, "images": 10, "accuracy": "<b>"}), card(Low=None),
    ],
)  # fmt: skip
def test_a_card_without_figures_that_fit_says_nothing(given):
    assert read_levels(given) == () and describe_levels(given) == ""


def test_the_shipped_card_has_them():
    found = read_levels(load_card(SHIPPED))
    assert [one.level for one in found] == list(LEVELS)
    assert found[0].accuracy > found[1].accuracy > found[2].accuracy
    assert sum(one.images for one in found) == load_card(SHIPPED)["figures"][
        found[0].measured_on
    ]["images"]  # fmt: skip
