"""The adapter to pyfaceau, on a stand-in package with the interface of its version 1.4.1."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest

from xfera_nb.au_detectors.pyfaceau import PyFaceAUDetector
from xfera_nb.errors import DetectorError

IMAGE = np.zeros((400, 500, 3), np.uint8)
IMAGE[..., 0] = 200  # red

PACKAGE = """
    __version__ = "1.4.1"
    import numpy as np

    class _Memory:
        def __init__(self):
            self.calls = 0
        def reset(self):
            self.calls += 1
        reset_temporal_state = reset

    class FullPythonAUPipeline:
        made = []
        points = None
        outcome = "face"
        def __init__(self, pdm_file=None, au_models_dir=None, track_faces=True,
                     force_au_model_type=None, verbose=True):
            self.options = (pdm_file, track_faces, force_au_model_type, verbose)
            self.stored_features = [1]
            self.running_median = _Memory()
            self.online_au_correction = None
            self.landmark_detector = _Memory()
            self.made.append(self)
        def _process_frame(self, frame, frame_idx, timestamp, return_debug=False):
            if self.outcome == "models":
                raise FileNotFoundError("patch experts")
            if self.outcome == "part":
                raise ImportError("PyMTCNN is required", name="pymtcnn")
            self.frame = frame
            result = {"frame": frame_idx, "timestamp": timestamp, "success": False}
            if self.outcome == "face":
                result.update(AU01_r=0.5, AU12_r=np.float64(3.25), AU45_r=5.2, success=True)
                result["debug_info"] = {"landmark_detection": {"landmarks_68": self.points}}
            return result
"""
MODELS = """
    def model_paths(folder):
        return {"pdm_file": str(folder / "pdm"), "au_models_dir": str(folder / "aus")}
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    def put(text: str = PACKAGE):
        folder = tmp_path / "site" / "pyfaceau"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(textwrap.dedent(text))
        (folder / "models.py").write_text(textwrap.dedent(MODELS))
        for name in [n for n in sys.modules if n.partition(".")[0] == "pyfaceau"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.syspath_prepend(str(folder.parent))

    yield put
    for name in [n for n in sys.modules if n.partition(".")[0] == "pyfaceau"]:
        del sys.modules[name]


def test_the_face_is_cut_out_as_bgr_and_the_answer_read(package, face):
    package()
    detector = PyFaceAUDetector()
    pipeline = detector._pipeline
    assert pipeline.options == (None, False, "static", False)
    # Points span 85-215 and 74-213; 0.6 of the larger span, 139, is 83.4.
    pipeline.points = face - (1, 0)  # left 85 - 83.4 = 1.6 -> 1, top cut at 0
    units = detector.detect(IMAGE, face, "me.jpg")
    assert pipeline.frame.shape == (298, 299, 3)  # to 213 + 84.4 -> 298 and 215 + 84.4 -> 300
    assert pipeline.frame[0, 0].tolist() == [0, 0, 200]
    assert pipeline.frame.flags["C_CONTIGUOUS"]
    assert units.intensity(12) == 3.25
    assert units.intensity(45) == 5.0
    assert units.measured == (1, 12, 45)
    assert units.source == "pyfaceau 1.4.1"
    assert detector.describe() == {"name": "pyfaceau", "version": "1.4.1", "models": "static"}


def test_nothing_is_kept_from_the_photo_before(package, face):
    package()
    detector = PyFaceAUDetector()
    detector._pipeline.points = face - (1, 0)
    detector.detect(IMAGE, face)
    detector.detect(IMAGE, face)
    assert detector._pipeline.stored_features == []
    assert detector._pipeline.running_median.calls == 2
    assert detector._pipeline.landmark_detector.calls == 2


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("none", "found no face on me.jpg"),
        ("models", "run `pyfaceau-download-models` once"),
        ("part", "lacks pymtcnn; install it with `pip install pyfaceau`"),
    ],
)
def test_each_failure_has_its_sentence(package, face, outcome, message):
    package()
    detector = PyFaceAUDetector()
    detector._pipeline.outcome = outcome
    with pytest.raises(DetectorError, match=message):
        detector.detect(IMAGE, face, "me.jpg")


def test_another_face_is_not_taken_for_this_one(package, face):
    package()
    detector = PyFaceAUDetector()
    detector._pipeline.points = face + (80, 0)
    with pytest.raises(DetectorError, match="measured another face on me.jpg"):
        detector.detect(IMAGE, face, "me.jpg")


def test_models_can_lie_elsewhere(package, tmp_path):
    package()
    detector = PyFaceAUDetector(models=tmp_path)
    assert detector._pipeline.options[0] == str(tmp_path / "pdm")
    with pytest.raises(DetectorError, match="pyfaceau-download-models"):
        PyFaceAUDetector(models=tmp_path / "none")


def test_missing_package_has_its_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyfaceau", None)
    with pytest.raises(
        DetectorError, match="not installed; install it with `pip install pyfaceau`"
    ):
        PyFaceAUDetector()


def test_package_without_a_part_of_it(package):
    package("import onnxruntime_that_is_not_there")
    with pytest.raises(DetectorError, match="it lacks onnxruntime_that_is_not_there"):
        PyFaceAUDetector()


def test_missing_models_at_the_start(package):
    package(
        """
        __version__ = "1.4.1"
        class FullPythonAUPipeline:
            def __init__(self, **options):
                raise FileNotFoundError("not installed yet")
        """
    )
    with pytest.raises(DetectorError, match="does not find OpenFace's model files"):
        PyFaceAUDetector()


@pytest.mark.parametrize(
    "text",
    [
        '__version__ = "1.2"',
        '__version__ = "1.2"\nclass FullPythonAUPipeline:\n    def __init__(self, verbose): ...',
        '__version__ = "1.2"\nclass FullPythonAUPipeline:\n    def __init__(self, **o): ...',
    ],
)
def test_another_version_is_named(package, text):
    package(text)
    with pytest.raises(DetectorError, match="does not know pyfaceau 1.2; install pyfaceau 1.4"):
        PyFaceAUDetector()
