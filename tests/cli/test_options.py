"""The choices of the command line are those of the packages, also of what users register."""

import subprocess
import sys

import pytest

from xfera_nb.au_detectors import AU_SOURCES, register_source, unregister_source
from xfera_nb.cli import main, make_parser, options
from xfera_nb.datasets import FIELDS, KINDS, LABEL_SCHEMES, choices
from xfera_nb.explanation import LANGUAGES, PROMPT_KINDS, WRITERS
from xfera_nb.fusion import MEASURES, PRESETS, FusionParams
from xfera_nb.saliency import METHODS, saliency_method, unregister_method


def help_of(command, capsys):
    assert main([command, "--help"]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_choices_are_those_of_the_packages(capsys):
    text = help_of("explain", capsys)
    for names in (AU_SOURCES, METHODS, PRESETS, WRITERS, LANGUAGES, PROMPT_KINDS):
        assert "{" + ",".join(names) + "}" in text
    assert set(options.FUSION) == set(FusionParams().to_dict())
    sweep = help_of("sweep", capsys)
    assert all(f" {name}: " in sweep for name in MEASURES)
    extract = help_of("extract", capsys)
    for names in (KINDS, LABEL_SCHEMES):
        assert "{" + ",".join(names) + "}" in extract
    assert all(f"--{name} VALUE" in extract for name in FIELDS)
    assert set(KINDS) == set(choices.KINDS) and set(LABEL_SCHEMES) == set(choices.SCHEMES)


def test_the_choices_come_without_a_heavy_package():
    code = (
        "import sys; from xfera_nb.cli import make_parser; make_parser();"
        "assert not {'torch', 'cv2', 'captum', 'xfera_nb.datasets.kinds'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_registered_sources_and_methods_are_choices(capsys):
    register_source("mine", "somewhere:Mine", "my source")

    @saliency_method("mine_too", label="Mine")
    def mine(classifier, x, target, layer):
        """Return the input."""
        return x

    try:
        for command in ("explain", "extract", "compare"):
            text = help_of(command, capsys)
            assert "mine_too" in text and ",mine}" in text
        chosen = make_parser().parse_args(["explain", "p.jpg", "--au", "mine"])
        assert chosen.au == "mine"
    finally:
        unregister_source("mine")
        unregister_method("mine_too")
    assert main(["explain", "p.jpg", "--au", "mine"]) == 2


@pytest.mark.parametrize("name", ["Joy", "happiness", "HA"])
def test_emotions_are_named_by_the_words_of_any_data_set(name, capsys):
    assert make_parser().parse_args(["explain", "p.jpg", "--target", name]).target == "happiness"
    assert main(["explain", "p.jpg", "--target", "fearr"]) == 2
    assert "did you mean 'fear'" in capsys.readouterr().err
