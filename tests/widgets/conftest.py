"""Evidence made by hand, and a seeded network with an AU source that stand in for the shipped."""

import numpy as np
import pytest
import torch

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier, Prediction
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.errors import DetectorError
from xfera_nb.evidence import assemble
from xfera_nb.faces import face_from_landmarks, find_faces
from xfera_nb.facs import EMOTIONS, OPENFACE_AUS


class StandIn:
    """Every AU 2.0 but AU10, which is not measured, and AU06, which is 1.0."""

    def __init__(self, name="stand-in", broken=False):
        self.name, self.broken, self.calls = name, broken, 0

    def describe(self):
        return {"name": self.name, "version": 1}

    def detect(self, image, landmarks, photo_name=None):
        self.calls += 1
        if self.broken:
            raise DetectorError("The AU source is out of order; choose another.")
        values = np.full(17, 2.0)
        values[OPENFACE_AUS.index(10)] = np.nan
        values[OPENFACE_AUS.index(6)] = 1.0
        return ActionUnits(
            values, values, values, "a test", reliability=np.full(17, 0.8), source=self.name
        )


@pytest.fixture
def stand_in():
    return StandIn


@pytest.fixture(scope="session")
def samples(request):
    return request.config.rootpath / "data" / "samples"


@pytest.fixture(scope="session")
def sample_face(samples):
    return find_faces(samples / "C01HA.jpg")[0]


@pytest.fixture(scope="session")
def classifier():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield Classifier(ResNet50BAM(), {"input": default_input_rule(), "name": "test net"})
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def evidence(sample_face):
    """The lower half of the face speaks for happiness, more to the right; nothing for fear."""
    maps = np.full((7, 7, 7), 0.01, np.float32)
    maps[EMOTIONS.index("happiness"), 4:] = np.linspace(1, 2, 7)
    maps[EMOTIONS.index("anger"), :3] = 1.0
    maps[EMOTIONS.index("fear")] = -1.0
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[EMOTIONS.index("happiness")] = 0.7
    units = StandIn().detect(None, None)
    face = sample_face
    return assemble(
        face,
        Prediction(probabilities),
        maps,
        units,
        layer="layer4.2",
        classifier={"name": "made"},
        au_detector={"name": "stand-in"},
    )


@pytest.fixture
def two_faces(sample_face):
    """A photo with the sample's face twice, the second one larger."""
    small = sample_face.image[::2, ::2]
    canvas = np.full((520, 900, 3), 128, np.uint8)
    canvas[:260, :260] = small
    canvas[:, 380:] = sample_face.image
    shifted = sample_face.landmarks + np.array([380, 0], np.float32)
    return canvas, [
        face_from_landmarks(canvas, sample_face.landmarks / 2, photo_name="two.png"),
        face_from_landmarks(canvas, shifted, photo_name="two.png"),
    ]
