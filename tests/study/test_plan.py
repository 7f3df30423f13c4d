"""The study's file: it is read back as written, and an untrusted file is refused in a sentence."""

import json
from dataclasses import replace

import pytest

from xfera_nb.errors import StudyError
from xfera_nb.study import EMOTION_LABELS, TEXTS, Study


def change(study, path, value):
    """Write `value` at a path of keys into the study's file."""
    file = study.folder / "study.json"
    plan = json.loads(file.read_text())
    place = plan
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    file.write_text(json.dumps(plan))


def test_a_plan_whose_photos_do_not_divide_says_so(make_study):
    assert make_study(9, name="even").uneven_note is None
    note = make_study(10, name="odd").uneven_note
    assert "10 photos do not divide among 3 conditions" in note and "9 or 12 photos" in note


def test_what_is_saved_is_read_again(study):
    again = Study.load(study.folder)
    assert again.items == study.items
    assert (again.conditions, again.seed, again.choice) == (
        ("none", "heatmap", "text"),
        4,
        "choose",
    )
    assert dict(again.texts) == dict(TEXTS) and dict(again.labels) == dict(EMOTION_LABELS)
    assert again.fingerprint == study.fingerprint
    assert again.picture("i00_face.jpg").startswith(b"\xff\xd8\xff")


def test_a_folder_with_a_study_is_not_written_over(study, picture):
    with pytest.raises(StudyError, match="holds a study already"):
        study.save(study.folder, {})


def test_the_fingerprint_follows_what_answers_depend_on(study):
    same = replace(study, texts=dict(TEXTS) | {"consent": "Other words.", "title": "Other"})
    assert same.fingerprint == study.fingerprint
    for other in (
        replace(study, seed=5),
        replace(study, conditions=("none", "text")),
        replace(study, choice="rank"),
        replace(study, items=study.items[1:]),
        replace(study, texts=dict(TEXTS) | {"trust": "Do you trust it?"}),
        replace(study, labels=dict(EMOTION_LABELS) | {"fear": "dread"}),
    ):
        assert other.fingerprint != study.fingerprint


def test_texts_may_be_replaced_and_what_cannot_be_shown_becomes_a_mark(study):
    change(study, ["texts", "title"], "Volti \u00e8 <b>\x00\x1b[31m\ud800")
    assert Study.load(study.folder).texts["title"] == "Volti \u00e8 <b>??[31m?"


BAD = [
    (["format"], 3, "format"),
    (["format"], None, "format"),
    (["seed"], "4", "seed"),
    (["seed"], True, "seed"),
    (["seed"], -1, "seed"),
    (["choice"], "guess", "choice"),
    (["conditions"], [], "conditions"),
    (["conditions"], ["none", "none"], "conditions"),
    (["conditions"], ["none", "video"], "conditions"),
    (["conditions"], "none", "conditions"),
    (["texts"], [], "texts"),
    (["texts", "title"], 3, "texts.title"),
    (["texts", "title"], " ", "texts.title"),
    (["texts", "title"], "x" * 5001, "texts.title"),
    (["texts", "nonsense"], "x", "unknown"),
    (["labels", "fear"], "anger", "labels"),
    (["age_bands"], ["a", "a"], "age_bands"),
    (["age_bands"], ["a" * 41], "age_bands"),
    (["items"], {}, "items"),
    (["items"], [], "items"),
    (["items", 0], 7, r"items\[0\]"),
    (["items", 1, "id"], "../i01", r"items\[1\].id"),
    (["items", 1, "id"], "i00", "twice"),
    (["items", 1, "face"], "../../secret.jpg", r"items\[1\].face"),
    (["items", 1, "face"], "/secret.jpg", r"items\[1\].face"),
    (["items", 1, "heatmap"], "page.html", r"items\[1\].heatmap"),
    (["items", 1, "kind"], "nice", r"items\[1\].kind"),
    (["items", 1, "predicted"], "contempt", r"items\[1\].predicted"),
    (["items", 1, "emotion"], "contempt", r"items\[1\].emotion"),
    (["items", 1, "has_positive_evidence"], 1, r"items\[1\].has_positive_evidence"),
    (["items", 1, "text"], None, r"items\[1\].text"),
    (["items", 1, "probabilities"], [1, 0], r"items\[1\].probabilities"),
    (["items", 1, "probabilities"], [float("nan")] * 7, r"items\[1\].probabilities"),
    (["items", 1, "probabilities"], [2, 0, 0, 0, 0, 0, 0], r"items\[1\].probabilities"),
    (["items", 1, "probabilities"], [None] * 7, r"items\[1\].probabilities"),
]


@pytest.mark.parametrize(("path", "value", "said"), BAD)
def test_a_damaged_file_is_refused_in_a_sentence(study, sentence, path, value, said):
    change(study, path, value)
    with pytest.raises(StudyError, match=said) as caught:
        Study.load(study.folder)
    assert sentence(caught.value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b"", b"null", b"[]"])
def test_what_is_no_study_is_refused_in_a_sentence(study, sentence, content):
    (study.folder / "study.json").write_bytes(content)
    with pytest.raises(StudyError, match="study") as caught:
        Study.load(study.folder)
    assert sentence(caught.value)


def test_a_missing_study_and_missing_or_damaged_pictures_are_told(study, tmp_path, sentence):
    with pytest.raises(StudyError, match="xfera study build") as caught:
        Study.load(tmp_path / "nowhere")
    assert sentence(caught.value)
    picture = study.folder / "pictures" / "i03_heatmap.jpg"
    picture.write_bytes(b"<html>")
    with pytest.raises(StudyError, match="i03_heatmap.jpg of the study is damaged"):
        Study.load(study.folder)
    picture.unlink()
    with pytest.raises(StudyError, match="i03_heatmap.jpg of the study is missing"):
        Study.load(study.folder)


def test_fewer_items_than_conditions_are_refused(study):
    plan = study.to_dict() | {"items": study.to_dict()["items"][:2]}
    with pytest.raises(StudyError, match="at least as many items as conditions"):
        Study.from_dict(plan)


def test_a_model_without_all_seven_classes_has_a_margin(make_item):
    item = make_item(0, probabilities=(0.7, None, 0.2, 0.1, None, None, None))
    assert item.margin == pytest.approx(0.5)


def test_the_summary_counts(study):
    assert study.summary.splitlines() == [
        "9 photos: 3 misclassified, 3 ambiguous, 3 random",
        "emotions: 2 anger, 2 disgust, 1 fear, 1 happiness, 1 neutral, 1 sadness, 1 surprise",
        "conditions: none, heatmap, text; 6 orders (Williams' design), seed 4",
    ]
    asked = {"misclassified": 5, "ambiguous": 3, "random": "many", "odd": 3}
    assert replace(study, made={"asked": asked}).missing_photos == {"misclassified": 2}
