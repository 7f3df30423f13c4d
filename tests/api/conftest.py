"""A seeded network and an Action Unit source that stand in for the shipped ones."""

import numpy as np
import pytest
import torch

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.facs import OPENFACE_AUS


class StandIn:
    """AU10 is not measured, AU06 only on the person's right, the rest 2 everywhere."""

    name = "stand-in"

    def __init__(self):
        self.calls = 0

    def describe(self):
        return {"name": self.name, "version": 1, "sha256": None, "score": float("nan")}

    def detect(self, image, landmarks, photo_name=None):
        self.calls += 1
        left = np.full(17, 2.0)
        left[OPENFACE_AUS.index(10)] = np.nan
        right = left.copy()
        left[OPENFACE_AUS.index(6)] = 0
        both = np.full(17, 2.0)
        both[OPENFACE_AUS.index(10)] = np.nan
        reliability = np.full(17, 0.8)
        reliability[OPENFACE_AUS.index(45)] = np.nan
        return ActionUnits(both, left, right, "a test", reliability=reliability, source="stand-in")


@pytest.fixture(scope="session")
def classifier():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    figures = {"FER+ PrivateTest": {"images": 3000, "accuracy": 0.8125, "ece": 0.02}}
    card = {"input": default_input_rule(), "name": "test net", "figures": figures}
    yield Classifier(ResNet50BAM(), card)
    torch.set_num_threads(threads)


@pytest.fixture
def detector():
    return StandIn()


@pytest.fixture(scope="session")
def samples(request):
    return request.config.rootpath / "data" / "samples"


@pytest.fixture(scope="session")
def sample(samples):
    return samples / "C01HA.jpg"


@pytest.fixture(scope="session")
def result(classifier, sample):
    """A sample explained with every landmark hot or not by the seeded network's map."""
    from xfera_nb import explain

    return explain(sample, classifier=classifier, au_detector=StandIn(), k=-1, scope="all")
