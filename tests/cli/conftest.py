"""The command line with a seeded network and an Action Unit source in place of the shipped ones."""

import importlib

import numpy as np
import pytest
import torch

from xfera_nb.au_detectors import ActionUnits
from xfera_nb.classifier import Classifier
from xfera_nb.classifier.checkpoint import default_input_rule
from xfera_nb.classifier.resnet50_bam import ResNet50BAM
from xfera_nb.cli import main

# These take the loaders by name: imported while the loaders are replaced, they would keep the
# replacements for the tests of other folders in the same process.
for _module in (
    "api", "evidence.pipeline", "report.comparison", "teaching.lessons.course", "teaching.pages",
    "widgets.explainer.evidence_cache",
):  # fmt: skip
    importlib.import_module(f"xfera_nb.{_module}")


class StandIn:
    name = "stand-in"

    def describe(self):
        return {"name": self.name, "version": 1}

    def detect(self, image, landmarks, photo_name=None):
        values = np.full(17, 2.0)
        values[7] = np.nan  # AU10
        return ActionUnits(values, source="stand-in")


@pytest.fixture(scope="session")
def network():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield Classifier(ResNet50BAM(), {"input": default_input_rule(), "name": "test net"})
    torch.set_num_threads(threads)


@pytest.fixture
def asked():
    """What the command line asked for: ("classifier", path) and ("au", name, options)."""
    return []


@pytest.fixture
def xfera(network, asked, monkeypatch, capsys):
    """Run the command line: (exit code, stdout, stderr)."""

    def classifier(path=None):
        asked.append(("classifier", path))
        return network

    def detector(name="builtin", **options):
        asked.append(("au", name, options))
        return StandIn()

    monkeypatch.setattr("xfera_nb.classifier.load_classifier", classifier)
    monkeypatch.setattr("xfera_nb.au_detectors.load_detector", detector)

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        done = capsys.readouterr()
        assert "Traceback" not in done.err
        return code, done.out, done.err

    return run


@pytest.fixture(scope="session")
def samples(request):
    return request.config.rootpath / "data" / "samples"


@pytest.fixture
def sample(samples):
    return samples / "C01HA.jpg"


@pytest.fixture
def no_face(tmp_path):
    from PIL import Image

    path = tmp_path / "grey.png"
    Image.new("RGB", (120, 120), "grey").save(path)
    return path
