"""What tooltips say of a preset is what the preset has."""

from xfera_nb.fusion import PRESETS, FusionParams
from xfera_nb.widgets.shared.terms import PRESET_TERMS, describe_params


def test_the_parameters_are_said_as_they_are():
    params = FusionParams(k=2.25, min_intensity=0.4, coverage=0.35, scope="typical")
    assert describe_params(params) == (
        "k 2.25, intensity 0.4, coverage 35%, Action Units expected for the class"
    )
    assert describe_params(params.replace(rule="coverage", scope="all")) == (
        "k 2.25, coverage 35% alone, any Action Unit"
    )


def test_each_preset_has_words_and_its_own_numbers():
    assert PRESET_TERMS["section2.1"] == (
        "The paper's section 2.1: k 1, intensity 0.3, coverage 50%, any Action Unit"
    )
    assert set(PRESET_TERMS) == set(PRESETS)
    for name, params in PRESETS.items():
        words, _, numbers = PRESET_TERMS[name].partition(": ")
        assert words != name and numbers == describe_params(params)
    assert len(set(PRESET_TERMS.values())) == len(PRESETS)
