"""The choices of the command line are those of the packages, also of sources that users add."""

from xfera_nb.cli import extract, options, sweep
from xfera_nb.datasets import FIELDS, KINDS, LABEL_SCHEMES
from xfera_nb.evidence import REGIONS
from xfera_nb.fusion import AXES, MEASURES, PRESETS, TARGETS, FusionParams
from xfera_nb.fusion.params import SCOPES


def test_the_choices_are_those_of_the_packages():
    assert tuple(PRESETS) == options.PRESETS
    assert tuple(REGIONS) == options.REGIONS and tuple(SCOPES) == options.SCOPES
    assert set(options.FUSION) == set(FusionParams().to_dict())
    assert (tuple(KINDS), tuple(LABEL_SCHEMES)) == (extract.KINDS, extract.SCHEMES)
    assert tuple(FIELDS) == extract.FILTERS
    assert (AXES, TARGETS, tuple(MEASURES)) == (sweep.AXES, sweep.TARGETS, sweep.MEASURES)
    assert all(name in sweep._EPILOG for name in MEASURES)
