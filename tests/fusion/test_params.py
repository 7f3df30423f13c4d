"""Parameters: presets, files, and what is refused in a sentence."""

import subprocess
import sys

import pytest

from xfera_nb.errors import ParamsError
from xfera_nb.fusion import DEFAULT_PRESET, PRESETS, FusionParams


def test_presets_are_the_papers():
    algorithm1, text = PRESETS["algorithm1"], PRESETS["section2.1"]
    assert (algorithm1.k, algorithm1.min_intensity, algorithm1.coverage) == (1.0, 0.3, 0.7)
    assert (algorithm1.scope, algorithm1.rule) == ("typical", "intensity and coverage")
    assert PRESETS["algorithm1-line33"] == algorithm1.replace(rule="coverage")
    assert text == algorithm1.replace(coverage=0.5, scope="all")


def test_parameters_know_their_preset():
    assert [params.preset_name for params in PRESETS.values()] == list(PRESETS)
    assert FusionParams() == FusionParams.preset(DEFAULT_PRESET)
    assert FusionParams(k=1.01).preset_name == "custom"
    assert FusionParams(k=1.01).replace(**PRESETS["recommended"].to_dict()).preset_name == (
        "recommended"
    )


def test_a_typo_names_the_nearest_option():
    with pytest.raises(ParamsError, match="'min_intensty' .did you mean 'min_intensity'"):
        FusionParams.from_dict({"min_intensty": 1})
    with pytest.raises(ParamsError, match="preset 'algoritm1' .did you mean 'algorithm1'"):
        FusionParams.preset("algoritm1")
    with pytest.raises(ParamsError, match="did you mean 'crop'"):
        FusionParams(region="crops")
    with pytest.raises(ParamsError, match="'covrage' .did you mean 'coverage'"):
        FusionParams().replace(covrage=0.5)


def test_parameters_and_choices_import_nothing_heavy():
    code = (
        "import sys, xfera_nb.fusion.params, xfera_nb.evidence.choices;"
        "print([m for m in ('numpy', 'torch', 'pandas', 'cv2', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_files_come_back(tmp_path):
    params = FusionParams(k=1.5, region="hull", scope="all")
    params.save(tmp_path / "p.json")
    assert FusionParams.load(tmp_path / "p.json") == params
    assert FusionParams.from_dict({"k": 2}) == FusionParams(k=2.0)


@pytest.mark.parametrize(
    "values",
    [
        {"k": float("nan")}, {"k": float("inf")}, {"k": "1"}, {"k": True}, {"k": None},
        {"coverage": 1.01}, {"coverage": -0.1}, {"min_intensity": 5.1}, {"region": "face"},
        {"region": ["crop"]}, {"scope": "some"}, {"scope": "emotion"}, {"rule": "intensity"},
        {"kk": 1}, {"saliency_weight": -1},
    ],
)
def test_bad_values(values):
    with pytest.raises(ParamsError):
        FusionParams.from_dict(values)


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 50_000, '{"k": Infinity}', "\x00", "3"])
def test_bad_files(tmp_path, text):
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(ParamsError):
        FusionParams.load(tmp_path / "p.json")


def test_missing_file(tmp_path):
    for name in ("none.json", "x" * 300, "a\0b"):
        with pytest.raises(ParamsError, match="There is no parameters file .*: check the path"):
            FusionParams.load(tmp_path / name)
    with pytest.raises(ParamsError, match="is not a regular file"):
        FusionParams.load(tmp_path)
