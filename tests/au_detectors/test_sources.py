"""Loading a source of Action Units by name: its options, and a source of one's own."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from xfera_nb.au_detectors import (
    AU_SOURCES,
    ActionUnits,
    AUDetector,
    load_detector,
    register_source,
    unregister_source,
)
from xfera_nb.errors import DetectorError


def test_an_unknown_source_or_option_names_the_nearest():
    with pytest.raises(DetectorError, match="did you mean 'openface'.*choose from builtin"):
        load_detector("open-face")
    with pytest.raises(DetectorError, match="no option of load_detector 'wieghts'.*'weights'"):
        load_detector("builtin", wieghts="x")
    with pytest.raises(DetectorError, match="'builtin' has no option 'models'.*weights"):
        load_detector("builtin", models="x")


def test_openface_files_needs_files_and_no_program(tmp_path, table, monkeypatch):
    monkeypatch.delenv("OPENFACE_BIN", raising=False)
    with pytest.raises(DetectorError, match="'openface-files' needs files="):
        load_detector("openface-files")
    (tmp_path / "a.csv").write_text(table.photo())
    detector = load_detector("openface-files", files=tmp_path)
    assert detector.name == "openface-files"
    assert isinstance(detector, AUDetector)


def test_a_source_of_ones_own_is_found_by_its_name():
    class Mine:
        name = "mine"

        def describe(self):
            return {"name": self.name, "version": 1}

        def detect(self, image, landmarks, photo_name=None):
            return ActionUnits(np.full(17, 2.5))

    register_source("mine", Mine, "half of everything")
    try:
        assert AU_SOURCES["mine"].description == "half of everything"
        detector = load_detector("mine")
        assert isinstance(detector, AUDetector)
        assert detector.detect(None, None).intensity(12) == 2.5
        with pytest.raises(DetectorError, match="has no option 'weights'.*none"):
            load_detector("mine", weights="x")
    finally:
        unregister_source("mine")
    assert "mine" not in AU_SOURCES


def test_names_and_classes_fit_and_load_no_torch():
    code = (
        "import sys; from xfera_nb.au_detectors.sources import AU_SOURCES; print(*AU_SOURCES); "
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == list(AU_SOURCES)
    for name, source in AU_SOURCES.items():
        assert source.load_factory().name == name
