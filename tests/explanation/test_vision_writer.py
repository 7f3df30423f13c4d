"""A second opinion: what is sent, and right, wrong, refused, cut and hostile answers."""

from __future__ import annotations

import base64
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from model_server import MODEL, as_json, cut, fault, raw, says, serving
from PIL import Image

from xfera_nb.errors import WriterError
from xfera_nb.explanation import (
    Facts,
    Opinion,
    TextRequest,
    VisionWriter,
    ablate,
    compare_opinion,
    explain,
    load_writer,
)
from xfera_nb.explanation.writers.vision import read_opinion
from xfera_nb.fusion.states import PRESENT_ATTENDED, PRESENT_NOT_ATTENDED

SENTENCES = [
    {"text": "The outer brows are raised.", "aus": [2]},
    {"text": "The brows are lowered.", "aus": [4]},
    {"text": "The jaw drops.", "aus": [26]},
    {"text": "The lips are pressed together.", "aus": [24]},
]
OPINION = {"emotion": "surprise", "confidence": 0.8, "sentences": SENTENCES}
RIGHT = says(json.dumps(OPINION))
JPEG = (b"data:image", b"base64", b"/9j/")


@pytest.fixture
def face(fusion):
    """The stand-in fusion with a crop, and with what was measured: 1, 2 and 5 are present."""
    pixels = np.random.default_rng(0).integers(0, 255, (7, 7, 3), np.uint8)
    fusion.evidence.face = SimpleNamespace(crop=np.kron(pixels, np.ones((32, 32, 1), np.uint8)))
    for row in fusion.action_units:
        measured = row.intensity is not None
        present = row.state in (PRESENT_ATTENDED, PRESENT_NOT_ATTENDED)
        row.present = present if measured else None
    return fusion


def ask(face, *replies, **options):
    with serving(*replies) as server:
        writer = VisionWriter(send_image=True, base_url=server.url, **options)
        return explain(face, writer, TextRequest(language="en")), server


@pytest.mark.filterwarnings("ignore::xfera_nb.explanation.WriterWarning")
def test_without_permission_there_is_no_such_writer(face):
    with serving(RIGHT) as server:
        for options in ({}, {"send_image": False}, {"send_image": "yes"}):
            with pytest.raises(WriterError, match="--send-image"):
                load_writer("vision", base_url=server.url, **options)
        with pytest.raises(WriterError, match='Only the writer "vision" sends a picture'):
            load_writer("openai", base_url=server.url, send_image=True)
        with pytest.raises(WriterError, match='Only the writer "vision" sends a picture'):
            load_writer("offline", send_image=True)
        assert server.asked == []


def test_no_other_writer_sends_a_byte_of_the_picture(face):
    with serving(says()) as server:
        for kind in ("paper", "full"):
            explain(face, load_writer("openai", base_url=server.url), TextRequest(kind))
        assert len(server.asked) == 2
        pixels = face.evidence.face.crop.tobytes()
        for _, _, body in server.asked:
            assert not any(sign in body for sign in JPEG)
            assert base64.b64encode(pixels)[:40] not in body
            assert all(isinstance(m["content"], str) for m in json.loads(body)["messages"])


def test_what_is_sent_is_the_crop_and_nothing_that_was_measured(face):
    _, server = ask(face, RIGHT)
    assert len(server.asked) == 1
    body = server.bodies[0]
    system, user = body["messages"]
    text, picture = user["content"]
    assert text == {"type": "text", "text": "Which expression does this face show?"}
    assert picture.keys() == {"type", "image_url"} and picture["image_url"].keys() == {"url"}
    head, _, data = picture["image_url"]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert (image.size, image.format) == ((224, 224), "JPEG")
        assert not image.getexif() and "comment" not in image.info
        sent = np.asarray(image).astype(int)
    assert np.abs(sent - face.evidence.face.crop).mean() < 12
    # An independent opinion: neither the prediction nor a measurement is in the question.
    asked = system["content"] + text["text"]
    assert "0.5" in asked and "happiness" in asked  # only in the form and the list of classes
    assert "Predicted" not in asked and "classif" not in asked.lower() and "AU0" not in asked
    assert body["response_format"]["json_schema"]["name"] == "opinion"
    assert body.keys() <= {"model", "messages", "stream", "temperature", "response_format"}


def test_a_right_answer_beside_the_measurements(face):
    explanation, server = ask(face, RIGHT, prices=(10.0, 100.0))
    second = explanation.second_opinion
    assert explanation.writer == "vision" and explanation.note is None
    assert {one.au: one.verdict for one in second.movements} == {
        2: "supported", 4: "contradicted", 24: "not measurable", 26: "not measurable",
    }  # fmt: skip
    assert second.unnamed == (1, 5)
    assert second.agreement == 0.25  # 2 of 1, 2, 4 and 5
    assert (second.predicted, second.probability, second.probability_of_opinion) == (
        "happiness", 0.5, 0.25,
    )  # fmt: skip
    assert second.disagreements == (
        "class: surprise instead of happiness",
        "named, but measured as absent: AU04",
        "measured as present, but not named: AU01, AU05",
    )
    host = server.url.removeprefix("http://").removesuffix("/v1")
    assert explanation.byline.startswith(
        f"Written by {MODEL}: the picture was sent to {MODEL} at {host}. It took 120 + 15 tokens"
    )
    assert explanation.draft.cost == pytest.approx(0.0027)
    record = explanation.to_dict()
    assert record["picture_sent_to"] == host and record["prompt"]["kind"] == "picture"
    assert record["prompt"]["user"] == "Which expression does this face show?"
    assert record["second_opinion"]["agreement"] == 0.25
    json.dumps(record, allow_nan=False)
    # The words are checked like any other text.
    assert 2 in explanation.check.supported and 4 in explanation.check.unsupported


def test_two_that_agree(face):
    opinion = Opinion("happiness", 0.9, (("All three.", (1, 2, 5)),))
    second = compare_opinion(opinion, face, model="m", host="h")
    assert second.is_same_class and second.agreement == 1.0 and second.disagreements == ()
    for row in face.action_units:
        row.present = None
    second = compare_opinion(Opinion("happiness", 0.9, (("None.", ()),)), face, model="m", host="h")
    assert second.agreement is None and dict(second.lines)["Agreement"].startswith("none")


@pytest.mark.parametrize("language", ["it", "es", "de"])
def test_other_languages(face, language):
    with serving(RIGHT) as server:
        writer = VisionWriter(send_image=True, base_url=server.url)
        explanation = explain(face, writer, TextRequest(language=language))
        system = server.bodies[0]["messages"][0]["content"]
    names = {"it": "Italian", "es": "Spanish", "de": "German"}
    assert f"sentences in {names[language]} about" in system
    assert explanation.byline.count(MODEL) == 2 and "127.0.0.1" in explanation.byline


@pytest.mark.parametrize(
    "answer",
    [
        "It is a happy face.",
        "{}",
        json.dumps({**OPINION, "emotion": "boredom"}),
        json.dumps({**OPINION, "emotion": ["surprise"]}),
        json.dumps({**OPINION, "confidence": "very"}),
        json.dumps({**OPINION, "confidence": True}),
        json.dumps({**OPINION, "confidence": -0.1}),
        json.dumps({**OPINION, "confidence": 101}),
        json.dumps({**OPINION, "confidence": float("nan")}),
        json.dumps({**OPINION, "sentences": []}),
        json.dumps({**OPINION, "sentences": "The brows are raised."}),
        json.dumps({**OPINION, "sentences": [{"text": 1, "aus": []}]}),
        '{"emotion": "surprise", "confidence": ' + "9" * 400 + "}",
        "[" * 50_000 + "]" * 50_000,
        '{"emotion":' * 5_000 + "1" + "}" * 5_000,
    ],
)
def test_a_wrong_answer_is_no_opinion(face, answer):
    with pytest.warns(Warning, match="did not answer with the JSON of an emotion"):
        explanation, _ = ask(face, says(answer))
    assert explanation.writer == "offline" and explanation.second_opinion is None
    assert "The picture may have been sent to 127.0.0.1" in explanation.note


@pytest.mark.parametrize(
    ("answer", "emotion", "confidence", "aus"),
    [
        (f"```json\n{json.dumps(OPINION)}\n```", "surprise", 0.8, (2, 4, 24, 26)),
        (f"Here it is: {json.dumps(OPINION)} Yours.", "surprise", 0.8, (2, 4, 24, 26)),
        (json.dumps({**OPINION, "emotion": "Happy", "confidence": 85}), "happiness", 0.85, None),
        (
            json.dumps(
                {**OPINION, "sentences": [{"text": "a", "aus": [12, 12, 0, -1, 1000, "AU6"]}]}
            ),
            "surprise", 0.8, (6, 12),
        ),
    ],
)  # fmt: skip
def test_answers_in_other_forms(answer, emotion, confidence, aus):
    opinion = read_opinion(answer)
    assert (opinion.emotion, opinion.confidence) == (emotion, confidence)
    assert aus is None or opinion.aus == aus


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (fault(401), "refused the API key"),
        (fault(413), "refused the request"),
        (fault(500), "failed"),
        (cut, "cannot be reached|cannot be read"),
        (as_json(200, {"choices": [{"message": {"content": None, "refusal": "I cannot judge."},
                                    "finish_reason": "stop"}]}), "declined to answer"),
        (says(finish=1, choices=[{"index": 0, "finish_reason": "length",
              "message": {"role": "assistant", "content": '{"emotion"'}}]), "limit of tokens"),
    ],
)  # fmt: skip
def test_a_refused_or_cut_answer_is_a_sentence(face, reply, sentence):
    with pytest.warns(Warning, match=sentence):
        explanation, _ = ask(face, reply, timeout=5)
    assert explanation.writer == "offline" and explanation.second_opinion is None
    assert "may have been sent" in explanation.note


def test_a_server_without_schemas_is_asked_by_the_text(face):
    refusal = fault(400, "response_format is not supported")
    explanation, server = ask(face, refusal, refusal, RIGHT)
    formats = [body.get("response_format", {}).get("type") for body in server.bodies]
    assert formats == ["json_schema", "json_object", None]
    assert explanation.second_opinion.opinion.emotion == "surprise"


def test_a_hostile_answer_is_escaped(face):
    from xfera_nb.report.opinion_html import second_opinion_html

    script = "<script>alert(1)</script>"
    hostile = {**OPINION, "sentences": [{"text": f"{script} The brows are raised.", "aus": [1]}]}
    explanation, _ = ask(face, says(json.dumps(hostile), model=f"m{script}"))
    html = str(second_opinion_html(explanation.second_opinion))
    assert script not in html and "m&lt;script&gt;" in html
    assert "AU01" in html and ">supported<" in html
    assert second_opinion_html(None) == ""


def test_an_opinion_is_cached_by_the_picture_and_without_it(face, tmp_path):
    options = {"cache": tmp_path}
    first, _ = ask(face, RIGHT, **options)
    with serving(fault(500)) as server:
        writer = VisionWriter(send_image=True, base_url=server.url, **options)
        writer._endpoint.place = first.draft.sent_to
        again = explain(face, writer)
        assert server.asked == [] and again.draft.cached
    assert again.second_opinion.to_dict() == first.second_opinion.to_dict()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(sign in kept for sign in JPEG)
    face.evidence.face.crop = face.evidence.face.crop[::-1]
    other, server = ask(face, RIGHT, **options)
    assert not other.draft.cached and len(server.asked) == 1


def test_a_server_cannot_send_the_picture_on_to_another(face):
    with serving(RIGHT) as other:
        there = raw(307, b"", Location=f"{other.url}/chat/completions")
        with pytest.warns(Warning, match="The picture may have been sent"):
            explanation, server = ask(face, there)
        assert explanation.second_opinion is None
        assert other.asked == [] and server.asked
        # The same redirect is followed for a text.
        with serving(there) as first:
            explain(face, load_writer("openai", base_url=first.url))
        assert len(other.asked) == 1


def test_without_a_picture_it_writes_nothing(face, smile):
    assert isinstance(smile, Facts)
    with serving(RIGHT) as server:
        writer = VisionWriter(send_image=True, base_url=server.url)
        with pytest.raises(WriterError, match="needs the picture"):
            explain(smile, writer, fallback=False)
        with pytest.raises(WriterError, match="needs the picture"):
            ablate(smile, writer)
        assert server.asked == []
