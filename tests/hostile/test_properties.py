"""Properties of the readers over whatever Hypothesis thinks of: a right value or one sentence."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import torch
from fuzz_targets import TARGETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.torch import save_file

from xfera_nb.au_detectors import openface_files
from xfera_nb.au_detectors.card import WEIGHTS, load_network, reliability
from xfera_nb.classifier import SHIPPED, Classifier, load_card
from xfera_nb.classifier.checkpoint import load_weights
from xfera_nb.cli.output import one_line
from xfera_nb.datasets import open_dataset
from xfera_nb.errors import DetectorError, ModelError, ParamsError, PhotoError, XferaError
from xfera_nb.evidence import StoreError
from xfera_nb.evidence.storage import resolve_photo
from xfera_nb.faces import load_photo
from xfera_nb.facs.action_units import OPENFACE_AUS, au_name
from xfera_nb.fusion import FusionParams
from xfera_nb.fusion.params import LIMITS

pytestmark = pytest.mark.slow

FEW = settings(
    max_examples=80, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
numbers = st.one_of(
    st.integers(), st.floats(), st.just(10**400), st.just(-(10**400)), st.sampled_from([0, 1, 0.5])
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
names = st.sampled_from([*LIMITS, "region", "scope", "kk", "K", "", "__class__"])


def sentence(error: XferaError) -> None:
    text = str(error)
    assert text and "\n" not in text and len(text) <= 700


def text_of(value) -> str:
    """JSON, with the infinities and NaN that Python writes."""
    return json.dumps(value)


@FEW
@given(given_values=st.dictionaries(names, values, max_size=4) | values)
def test_params_files(tmp_path, given_values):
    file = tmp_path / "params.json"
    file.write_text(text_of(given_values))
    try:
        params = FusionParams.load(file)
    except ParamsError as error:
        sentence(error)
        return
    for name, (low, high) in LIMITS.items():
        assert low <= getattr(params, name) <= high
    assert FusionParams.from_dict(params.to_dict()) == params


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("cards") / "net.safetensors"
    path.write_bytes(b"weights")
    return path


CARD = json.loads(SHIPPED.with_suffix(".json").read_text("utf-8"))
AU_CARD = json.loads(WEIGHTS.with_suffix(".json").read_text("utf-8"))
FIELDS = (
    "classes", "input", "half_resolution", "sha256", "temperature", "layer", "layers", "name",
    "figures",
)  # fmt: skip
RULE = ("size", "detail", "colour", "mean", "std", "channels")


@FEW
@given(field=st.sampled_from(FIELDS), rule=st.sampled_from(RULE), value=values, inner=st.booleans())
def test_cards_that_lie(weights, field, rule, value, inner):
    digest = hashlib.sha256(b"weights").hexdigest()
    card = CARD | {"sha256": digest}
    card |= {"input": CARD["input"] | {rule: value}} if inner else {field: value}
    weights.with_suffix(".json").write_text(text_of(card))
    try:
        read = load_card(weights)
    except ModelError as error:
        sentence(error)
        return
    module = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(1))
    classifier = Classifier(module, read)
    assert np.isfinite(classifier.preprocess(np.zeros((1, 224, 224, 3), np.uint8)).numpy()).all()
    assert classifier.temperature > 0 and isinstance(classifier.default_layer, str)
    assert read["sha256"] == digest and read["classes"] == CARD["classes"]


@FEW
@given(value=values, at=st.sampled_from(("figures", "per_au", "AU12", "r", "outputs", "order")))
def test_action_unit_cards_that_lie(tmp_path, value, at):
    figures = AU_CARD["figures"]
    per_au = figures["per_au"]
    lies = {
        "figures": {"figures": value},
        "per_au": {"figures": figures | {"per_au": value}},
        "AU12": {"figures": figures | {"per_au": per_au | {"AU12": value}}},
        "r": {"figures": figures | {"per_au": per_au | {"AU12": {"r": value}}}},
        "outputs": {"outputs": value},
        "order": {"outputs": {"order": value}},
    }
    file = tmp_path / "au.safetensors"
    if not file.exists():
        file.write_bytes(WEIGHTS.read_bytes())
    file.with_suffix(".json").write_text(text_of(AU_CARD | lies[at]))
    try:
        known = reliability(load_network(file)[1])
    except ModelError as error:
        sentence(error)
        return
    assert known.shape == (17,) and not (np.abs(known) > 1).any()


@pytest.mark.parametrize("lie", [
    {"weight": torch.full((2, 3), torch.nan)}, {"weight": torch.full((2, 3), torch.inf)},
    {"weight": torch.ones(3, 2)}, {"weight": torch.ones(2, 3, dtype=torch.int64)},
    {"bias": torch.ones(3)}, {"other": torch.ones(1)}, {"weight": torch.ones(2, 3) * 1e38 * 10},
])  # fmt: skip
def test_weights_that_lie_about_shapes_or_hold_no_numbers(tmp_path, lie):
    path = tmp_path / "net.safetensors"
    save_file({"weight": torch.ones(2, 3), "bias": torch.zeros(2)} | lie, path)
    with pytest.raises(ModelError) as caught:
        load_weights(path, torch.nn.Linear(3, 2))
    sentence(caught.value)
    assert "does not fit" in str(caught.value) or "not finite" in str(caught.value)


def test_action_unit_weights_that_hold_no_numbers(tmp_path):
    from safetensors.torch import load_file

    tensors = load_file(WEIGHTS)
    name = next(key for key, value in tensors.items() if value.is_floating_point())
    tensors[name] = torch.full_like(tensors[name], torch.nan)
    path = tmp_path / "au.safetensors"
    save_file(tensors, path)
    card = AU_CARD | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    path.with_suffix(".json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="are not finite numbers"):
        load_network(path)


cells = st.one_of(
    st.sampled_from(["0", "1", "2.5", "5", "nan", "-nan(ind)", "", " 3 ", "inf", "1e400", "left"]),
    st.floats(0, 5).map(str),
)
heads = st.sampled_from(["face", " confidence", "success ", "x_0", "file", "AU12_r", "", "AU99_r"])


@FEW
@given(
    extra=st.lists(heads, max_size=4), rows=st.lists(st.lists(cells, min_size=17, max_size=22)),
    order=st.randoms(use_true_random=False), spaces=st.booleans(),
)  # fmt: skip
def test_openface_tables(tmp_path, extra, rows, order, spaces):
    """Columns in any order, with spaces, blank or doubled; rows of any length and content."""
    columns = [*(f"{au_name(au)}_r" for au in OPENFACE_AUS), *extra]
    order.shuffle(columns)
    comma = ", " if spaces else ","
    text = "\n".join(comma.join(row) for row in (columns, *rows)) + "\n"
    path = tmp_path / "of.csv"
    path.write_text(text)
    try:
        read = openface_files.read(path)
    except DetectorError as error:
        sentence(error)
        return
    for row in read:
        known = row.intensities[~np.isnan(row.intensities)]
        assert row.intensities.shape == (17,) and ((known >= 0) & (known <= 5)).all()
    first = next(row for row in rows if any(cell.strip() for cell in row))
    if "success " not in extra:
        said = first[columns.index("AU01_r")].strip()
        expected = np.nan if said == "" or "nan" in said else float(said)
        np.testing.assert_allclose(read[0].intensities[0], np.float32(expected))


@FEW
@given(table=st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), max_size=5))
def test_lists_of_photos(tmp_path, table):
    text = io.StringIO()
    csv.writer(text).writerows([["path", "label", "person"], *table])
    path = tmp_path / "faces.csv"
    path.write_text(text.getvalue(), encoding="utf-8", errors="replace", newline="")
    try:
        data = open_dataset(path, "csv")
    except XferaError as error:
        sentence(error)
        return
    listed = data.report.counts
    assert sum(listed.values()) == len(data) and len(data.fingerprint) == 64
    json.dumps(data.report.to_dict())


@FEW
@given(
    array=arrays(
        st.sampled_from([np.uint8, np.uint16, np.int32, np.float32, np.float64, np.bool_]),
        array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6),
    )
)
def test_arrays_as_photos(array):
    try:
        pixels = load_photo(array)
    except PhotoError as error:
        sentence(error)
        return
    assert pixels.dtype == np.uint8 and pixels.shape == (*array.shape[:2], 3) and pixels.size


@FEW
@given(name=st.text(st.sampled_from("a./\\~\0 é"), max_size=14))
def test_names_of_a_stores_photos(tmp_path, name):
    root = tmp_path / "root"
    try:
        found = resolve_photo(root, name)
    except StoreError as error:
        assert "leads out of" in str(error)
        return
    assert found.is_relative_to(root) and ".." not in found.parts
    assert Path(found).resolve().is_relative_to(root.resolve())


@FEW
@given(text=st.text())
def test_lines_for_a_terminal(text):
    shown = one_line(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in shown)
    assert "\n" not in shown


@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.binary(max_size=400), name=st.sampled_from(sorted(TARGETS)))
def test_any_bytes_for_any_reader(data, name):
    TARGETS[name](data)
