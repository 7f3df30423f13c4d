"""``xfera explain``: what it prints, writes, refuses, and how it ends."""

import json
import os
import shutil
from pathlib import Path

import pytest
from model_server import fault, says, serving

from xfera_nb import FusionParams
from xfera_nb.cli import main
from xfera_nb.errors import DetectorError, WriterError
from xfera_nb.explanation import OpenAIWriter

pytestmark = pytest.mark.slow

FIELDS = {
    "photo", "face", "predicted", "target", "probabilities", "confidence_level",
    "threshold", "salient_landmarks", "action_units", "matching", "missing", "not_measurable",
    "explanation", "check", "params", "classifier", "au_detector", "preset", "regions",
    "heatmap", "label", "contrast", "picture_sent_to", "second_opinion",
}  # fmt: skip


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_plain_output(xfera, sample):
    code, out, err = xfera("explain", sample)
    assert (code, err) == (0, "")
    for words in (
        "Predicted emotion: ", "Confidence level: ", "Matching AUs: ",
        "Settings: preset recommended, k 1.3", "Action Units: AU", "Regions of the map: brows ",
        " points if blurred)", "gradcam at layer4.2; AUs",
    ):  # fmt: skip
        assert words in out
    assert str(sample) in out and max(map(len, out.splitlines()[1:])) <= 88


def test_json_is_one_object_a_line(xfera, sample, samples):
    code, out, err = xfera("explain", sample, samples / "C02SU.jpg", "--json")
    first, second = lines(out)
    assert (code, err) == (0, "")
    assert set(first) == set(second) == FIELDS
    assert first["heatmap"] == {"method": "gradcam", "layer": "layer4.2"}
    assert first["photo"] == str(sample) and first["face"]["index"] == 0
    assert {row["au"]: row["intensity"] for row in first["action_units"]}["AU10"] is None
    assert "NaN" not in out and "Infinity" not in out


def test_hidden_regions_are_named_or_refused(sample, capsys):
    assert main(["explain", str(sample), "--no-occlusion", "--hide", "mouth, eyes"]) == 0
    assert "Hidden from the classifier by blur: eyes, mouth." in " ".join(
        capsys.readouterr().out.split()
    )
    assert main(["explain", str(sample), "--hide", "mout"]) == 2
    assert "mouth" in capsys.readouterr().err


def test_a_bad_photo_among_good_ones(xfera, sample, tmp_path, no_face):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a photo")
    folder = tmp_path / "empty"
    folder.mkdir()
    code, out, err = xfera("explain", "gone.jpg", sample, broken, no_face, folder, "--json")
    assert code == 0 and len(lines(out)) == 1
    errors = err.splitlines()
    assert len(errors) == 4 and "xfera: gone.jpg does not exist; check the path." in errors
    for start in (
        f"The folder {folder} holds no photos", f"{broken} is not an image",
        f"{no_face}: No face was found; try ",
    ):  # fmt: skip
        assert sum(error.startswith(f"xfera: {start}") for error in errors) == 1


def test_a_folder_stands_for_its_photos(xfera, sample, tmp_path):
    shutil.copy(sample, tmp_path / "a.jpg")
    (tmp_path / "b.jpg").write_bytes(b"not a photo")
    (tmp_path / "notes.txt").touch()
    code, out, err = xfera("explain", tmp_path, "--json")
    assert code == 0 and [line["photo"] for line in lines(out)] == [str(tmp_path / "a.jpg")]
    assert len(err.splitlines()) == 1
    assert err.startswith(f"xfera: {tmp_path / 'b.jpg'} is not an image")


def test_a_pattern_that_the_shell_left_stands_for_its_photos(xfera, sample, tmp_path):
    for name in ("b.jpg", "a.jpg", "c[1].jpg"):
        shutil.copy(sample, tmp_path / name)
    code, out, _ = xfera("explain", tmp_path / "?.jpg", tmp_path / "c[1].jpg", "--json")
    assert code == 0 and [line["photo"] for line in lines(out)] == [
        str(tmp_path / name) for name in ("a.jpg", "b.jpg", "c[1].jpg")
    ]
    code, _, err = xfera("explain", tmp_path / "*.png")
    assert code == 3 and "No file matches" in err


def test_no_photo_could_be_explained(xfera, no_face, tmp_path):
    page = tmp_path / "page.html"
    code, out, err = xfera("explain", no_face, "gone.jpg", "--html", page)
    assert (code, out) == (3, "") and len(err.splitlines()) == 2
    assert not page.exists()


def test_a_photos_name_cannot_write_lines_or_colours(xfera):
    code, _, err = xfera("explain", "a\nxfera: b\x1b[31m.jpg")
    assert code == 3 and len(err.splitlines()) == 1 and "\x1b" not in err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {}),
        (("--preset", "section2.1"), {"coverage": 0.5, "scope": "all"}),
        (("--params", "FILE"), {"k": 2.0, "coverage": 0.9, "region": "hull"}),
        (("--params", "FILE", "--k", "-1"), {"k": -1.0, "coverage": 0.9, "region": "hull"}),
        (("--params", "FILE", "--preset", "section2.1"), {"coverage": 0.5, "scope": "all"}),
        (
            ("--k", "3", "--preset", "section2.1", "--params", "FILE"),
            {"k": 3.0, "coverage": 0.5, "scope": "all"},
        ),
        (("--preset", "section2.1", "--coverage", "0"), {"coverage": 0.0, "scope": "all"}),
        (
            ("--min-intensity", "1", "--saliency-weight", "2", "--region", "hull",
             "--scope", "all"),
            {"min_intensity": 1.0, "saliency_weight": 2.0, "region": "hull", "scope": "all"},
        ),
    ],
)
def test_later_parameters_win(xfera, sample, tmp_path, options, expected):
    file = tmp_path / "params.json"
    file.write_text('{"k": 2, "coverage": 0.9, "region": "hull"}')
    options = [file if option == "FILE" else option for option in options]
    _, out, _ = xfera("explain", sample, "--json", *options)
    base = FusionParams.preset("section2.1" if "--preset" in options else "recommended")
    assert lines(out)[0]["params"] == base.to_dict() | expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--k", "high"), "--k"),
        (("--k", "nan"), "k is nan"),
        (("--coverage", "2"), "coverage is 2.0"),
        (("--preset", "loose"), "--preset"),
        (("--au", "eyes"), "--au"),
        (("--params", "gone.json"), "gone.json"),
        (("--target", "boredom"), "boredom"),
        (("--openface-bin", "x"), "--au openface"),
        (("--model", "x"), "--writer openai"),
        (("--base-url", "x"), "--writer openai"),
        (("--no-system",), "--no-system needs --writer openai"),
        (("--model-options", "{}"), "--model-options needs --writer openai"),
        (("--model-options", "[1]"), "is no JSON object"),
        (("--temperature", "warm"), "--temperature"),
        (("--html", "."), "is a folder"),
        (("--html", "none/page.html"), "folder does not exist"),
        (("--jsn",), "--jsn"),
    ],
)
def test_usage_errors_are_one_line(xfera, sample, options, words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, out, err = xfera("explain", sample, *options)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and err.startswith("xfera: ") and words in err


@pytest.mark.parametrize("text", ["", "[1]", '{"kk": 1}', '{"k": "1"}', '{"k": NaN}', "[" * 5000])
def test_bad_parameter_files(xfera, sample, tmp_path, text):
    file = tmp_path / "params.json"
    file.write_text(text)
    code, out, err = xfera("explain", sample, "--params", file)
    assert (code, out) == (2, "") and len(err.splitlines()) == 1


def test_a_missing_au_source_is_told_once(xfera, sample, monkeypatch):
    def missing(name, **options):
        raise DetectorError("OpenFace's FaceLandmarkImg was not found; give --openface-bin.")

    monkeypatch.setattr("xfera_nb.au_detectors.load_detector", missing)
    code, out, err = xfera("explain", sample, sample, "--au", "openface")
    assert (code, out) == (2, "")
    assert err == "xfera: OpenFace's FaceLandmarkImg was not found; give --openface-bin.\n"


def test_an_au_source_that_fails_on_one_photo_does_not_stop_the_rest(xfera, samples, monkeypatch):
    from xfera_nb.au_detectors import ActionUnits

    class Moody:
        name = "moody"

        def describe(self):
            return {"name": self.name}

        def detect(self, image, landmarks, photo_name=None):
            if Path(photo_name).name == "C01HA.jpg":
                raise DetectorError("OpenFace has nothing for this face; use the builtin.")
            return ActionUnits([1.0] * 17, source="moody")

    monkeypatch.setattr("xfera_nb.au_detectors.load_detector", lambda *_, **__: Moody())
    photos = [samples / "C01HA.jpg", samples / "C02HA.jpg"]
    code, out, err = xfera("explain", *photos, "--json")
    assert code == 0 and len(lines(out)) == 1
    assert err == f"xfera: {photos[0]}: OpenFace has nothing for this face; use the builtin.\n"


def test_sources_are_loaded_once_with_what_was_given(xfera, asked, sample):
    xfera(
        "explain", sample, sample, "--au", "openface", "--openface-bin", "OF", "--classifier", "w"
    )
    assert sorted(map(repr, asked)) == [
        "('au', 'openface', {'program': 'OF'})",
        "('classifier', 'w')",
    ]


def test_all_faces(xfera, sample, tmp_path):
    from PIL import Image

    picture = Image.open(sample).convert("RGB")
    both = Image.new("RGB", (2 * picture.width, picture.height))
    both.paste(picture)
    both.paste(picture, (picture.width, 0))
    path = tmp_path / "both.png"
    both.save(path)
    assert [r["face"]["index"] for r in lines(xfera("explain", path, "--json")[1])] == [0]
    many = lines(xfera("explain", path, "--json", "--all-faces")[1])
    assert [r["face"]["index"] for r in many] == [0, 1]
    assert many[0]["face"]["box"][0] < many[1]["face"]["box"][0]


def test_another_emotion(xfera, sample):
    (record,) = lines(xfera("explain", sample, "--json", "--target", "fear")[1])
    assert record["target"] == "fear"
    assert record["predicted"] == max(record["probabilities"], key=record["probabilities"].get)
    named = set(record["matching"] + record["missing"] + record["not_measurable"])
    assert named == {"AU01", "AU02", "AU04", "AU05", "AU07", "AU20", "AU26"}


def test_a_page_of_all_photos(xfera, sample, samples, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("old")
    code, out, err = xfera("explain", sample, samples / "C02SU.jpg", "--html", page)
    assert (code, err) == (0, "") and "Settings" in out
    text = page.read_text("utf-8")
    assert text.count("<article") == 2 and "2 faces" in text
    assert "C02SU.jpg" in text and str(samples) not in text  # names only
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_page_that_cannot_be_written_in_the_end(xfera, sample, tmp_path, monkeypatch):
    def fail(source, target):
        raise OSError(28, "No space left on device")

    page = tmp_path / "page.html"
    page.write_text("old")
    monkeypatch.setattr("os.replace", fail)
    code, out, err = xfera("explain", sample, "--html", page)
    assert code == 2 and "Settings" in out
    assert len(err.splitlines()) == 1 and "No space left" in err
    assert page.read_text() == "old" and os.listdir(tmp_path) == ["page.html"]


def test_a_failing_language_model_is_told_and_the_rest_stays(xfera, sample, monkeypatch):
    def refuse(self, facts, prompt):
        raise WriterError("The language model's server refused the API key; check it.")

    monkeypatch.setattr(OpenAIWriter, "write", refuse)
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")
    code, out, err = xfera("explain", sample, "--json", "--writer", "openai")
    (record,) = lines(out)
    assert code == 0 and set(record) == FIELDS
    assert "confidence" in record["explanation"]
    assert len(err.splitlines()) == 1 and "refused the API key" in err and "offline" in err
    assert "k-secret" not in out + err


@pytest.mark.parametrize(("language", "words"), [("it", "sicurezza"), ("de", "Sicherheit")])
def test_the_words_in_another_language(xfera, sample, language, words):
    (record,) = lines(xfera("explain", sample, "--json", "--language", language)[1])
    assert words in record["explanation"] and record["check"]["language"] == language


def test_a_contrast_names_both_classes(xfera, sample):
    code, out, err = xfera("explain", sample, "--contrast-with", "neutral", "--target", "fear")
    assert (code, err) == (0, "") and '"Neutral"' in out and '"Fear"' in out
    code, out, err = xfera("explain", sample, "--contrast-with", "fear", "--target", "fear")
    assert (code, out) == (3, "") and "another emotion than fear" in err
    code, out, err = xfera("explain", sample, "--contrast-with", "fear", "--prompt", "strict")
    assert (code, out) == (2, "") and "--prompt contrast, not strict" in err


def test_settings_of_the_language_model_reach_it(xfera, sample, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(says("A smile.")) as server:
        code, out, err = xfera(
            "explain", sample, "--json", "--writer", "openai", "--base-url", server.url, "--model",
            "m", "--temperature", "0.7", "--seed", "5", "--cache", "off", "--price", "1", "2",
        )  # fmt: skip
    assert (code, err) == (0, "") and lines(out)[0]["explanation"] == "A smile."
    (body,) = server.bodies
    assert (body["model"], body["temperature"], body["seed"]) == ("m", 0.7, 5)


def test_what_a_language_model_lacks_can_be_left_out(xfera, sample):
    with serving(says("A smile.")) as server:
        code, out, err = xfera(
            "explain", sample, "--json", "--writer", "openai", "--base-url", server.url, "--cache",
            "off", "--temperature", "none", "--no-system", "--model-options", '{"max_tokens": 800}',
        )  # fmt: skip
    assert (code, err) == (0, "") and lines(out)[0]["explanation"] == "A smile."
    (body,) = server.bodies
    assert "temperature" not in body and body["max_tokens"] == 800
    assert [message["role"] for message in body["messages"]] == ["user"]


def test_what_a_server_refuses_is_named_beside_its_text(xfera, sample):
    refusal = fault(400, "Unsupported parameter: 'temperature' is not supported")
    with serving(refusal, says("A smile.")) as server:
        code, out, err = xfera(
            "explain", sample, "--json", "--writer", "openai", "--base-url", server.url, "--cache",
            "off",
        )  # fmt: skip
    assert code == 0 and lines(out)[0]["explanation"] == "A smile."
    assert "refused temperature; it was asked without temperature." in err


def test_a_proxy_that_cannot_be_used_leaves_the_offline_text(xfera, sample, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")
    monkeypatch.setenv("SSL_CERT_FILE", "nowhere/ca.pem")
    options = ("--writer", "openai", "--base-url", "https://model.example.org/v1", "--cache", "off")
    code, out, err = xfera("explain", sample, "--json", *options)
    assert code == 0 and "confidence" in lines(out)[0]["explanation"]
    assert "SSL_CERT_FILE cannot be read" in err and len(err.splitlines()) == 1
    assert "output" not in err


def test_a_language_model_without_a_key_is_a_setup_error(xfera, sample, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    code, out, err = xfera("explain", sample, "--writer", "openai")
    assert (code, out) == (2, "") and "OPENAI_API_KEY" in err and len(err.splitlines()) == 1


def test_missing_weights_end_the_run(sample, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("xfera_nb.au_detectors.load_detector", lambda name: None)
    code = main(["explain", str(sample), "--classifier", str(tmp_path / "none.safetensors")])
    done = capsys.readouterr()
    assert (code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1 and "none.safetensors" in done.err


def test_ctrl_c_is_quiet(xfera, sample, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("xfera_nb.api.find_faces", interrupted)
    assert xfera("explain", sample) == (130, "", "")
