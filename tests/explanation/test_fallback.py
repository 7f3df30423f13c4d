"""The offline writer takes over where another fails; in one place, for everyone."""

from __future__ import annotations

import inspect
import warnings

import pytest

from xfera_nb.errors import WriterError
from xfera_nb.explanation import Draft, OfflineWriter, WriterWarning, explain, write_explanation


class Failing:
    name = "failing"

    def write(self, facts, prompt):
        raise WriterError("The server is gone; try again.")


class Breaking(Failing):
    """Breaks off after a piece."""

    def stream(self, facts, prompt):
        yield "The lip"
        self.write(facts, prompt)


class Telling:
    """Streams and returns no draft of its own."""

    name, model = "telling", "m"

    def stream(self, facts, prompt):
        yield "A smile"
        yield " . "

    def write(self, facts, prompt):
        return Draft("Whole.", self.name)


NOTE = "The server is gone; try again. The sentences here are the offline writer's."


def test_the_offline_writer_takes_over_with_a_note_and_a_warning_at_the_callers_line(smile):
    with pytest.warns(WriterWarning) as caught:
        line = inspect.currentframe().f_lineno + 1
        outcome = explain(smile, Failing())
    (warning,) = caught
    assert (warning.filename, warning.lineno) == (__file__, line)
    assert outcome.note == str(warning.message) == NOTE
    assert outcome.writer == "offline" and outcome.text == explain(smile).text
    assert outcome.to_dict()["note"] == NOTE and explain(smile).note is None


def test_without_a_fallback_the_failure_is_raised(smile):
    with pytest.raises(WriterError, match="^The server is gone; try again.$"):
        explain(smile, Failing(), fallback=False)


def test_write_explanation_warns_of_nothing_and_reports_the_text_so_far(smile):
    pieces = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        broken = write_explanation(smile, Breaking(), report=pieces.append)
    assert broken.note == NOTE and broken.text == explain(smile).text
    assert pieces == ["The lip"]
    outcome = write_explanation(smile, Telling(), report=pieces.append)
    assert (outcome.text, outcome.model, outcome.note) == ("A smile .", "m", None)
    assert write_explanation(smile, Telling()).text == "Whole."


def test_a_text_that_is_streamed_is_the_text_that_is_written(smile):
    pieces = []
    outcome = write_explanation(smile, OfflineWriter(), report=pieces.append)
    assert outcome.text == explain(smile).text and outcome.text.startswith(pieces[0])
