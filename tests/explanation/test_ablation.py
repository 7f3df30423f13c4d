"""Ablation: an AU that is removed from the facts must vanish from the text."""

from __future__ import annotations

import json

import pytest
from model_server import says, serving

from xfera_nb.explanation import Draft, OpenAIWriter, TextRequest, ablate
from xfera_nb.explanation.ablation import share, without_au


class Stubborn:
    """Names AU 12 and 6 whatever the facts say, and each other AU only if it is there."""

    name = "stubborn"

    def write(self, facts, prompt):
        more = " The lips are parted." if 25 in facts.active else ""
        return Draft(f"A smile with raised cheeks.{more}", self.name)


def test_a_fact_that_is_taken_away(smile):
    rest = without_au(smile, 12)
    assert rest.active == (6,)
    assert [(entry.au, entry.state) for entry in rest.expected] == [
        (6, "present, attended"), (12, "absent, attended"),
    ]  # fmt: skip
    assert smile.active == (12, 6)


def test_the_offline_writer_drops_what_is_gone(smile):
    result = ablate(smile)
    assert (result.named, result.unnamed, result.remaining, result.share) == ((12, 6), (), (), 1.0)
    assert [one.au for one in result.without] == [12, 6]
    assert "no sign of the lifting of the cheeks" in result.without[1].text
    assert "the faint lifting of the left cheek" in result.without[0].text
    assert result.summary == "2 of 2 movements vanish from the text with their fact."


def test_what_stays_is_counted(make_facts):
    facts = make_facts("happiness", (12, 3.0, 3.0), (25, 2.0, 2.0), (6, 2.0, 1.0), (26, 1.0, 0.5))
    result = ablate(facts, Stubborn())
    assert (result.named, result.unnamed) == ((12, 25, 6), (26,))
    assert result.remaining == (12, 6)
    assert result.share == pytest.approx(1 / 3)
    assert result.summary.endswith("with their fact; still named: AU12, AU06.")
    record = json.loads(json.dumps(result.to_dict()))
    assert record["unnamed"] == ["AU26"] and record["without"][1]["vanished"] is True


def test_raised_eyebrows_still_name_the_outer_ones(make_facts):
    class Vague:
        name = "vague"

        def write(self, facts, prompt):
            return Draft("The eyebrows are raised.", self.name)

    result = ablate(make_facts("surprise", (1, 2.0, 2.0), (2, 2.0, 1.0)), Vague())
    assert result.remaining == (1, 2)


def test_nothing_to_remove(make_facts):
    result = ablate(make_facts("fear"))
    assert (result.named, result.share) == ((), None)
    assert "none to remove" in result.summary


def test_over_many_faces_aus_are_counted_not_faces(smile, make_facts):
    other = make_facts("happiness", (12, 3.0, 3.0), (6, 2.0, 1.0))
    assert share([ablate(smile), ablate(other, Stubborn())]) == 0.5
    assert share([]) is None


def test_a_language_model_is_asked_once_for_each(smile):
    texts = ["A smile and a lifted left cheek.", "A lifted left cheek.", "A lifted left cheek."]
    with serving(*map(says, texts)) as server:
        result = ablate(smile, OpenAIWriter(base_url=server.url), TextRequest())
    assert len(server.asked) == 3
    assert result.remaining == (6,)


def test_of_a_contrast_too(smile, make_facts):
    other = make_facts("surprise", (26, 2.0, 1.0), predicted="happiness")
    assert ablate(smile, request=TextRequest("contrast"), other=other).share == 1.0
