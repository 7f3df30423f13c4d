"""schemathesis asks by the OpenAPI page whatever it can think of; no answer is a server error."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from service_parts import TOKEN

from xfera_nb.au_detectors import load_detector
from xfera_nb.classifier import load_classifier
from xfera_nb.service import Limits, PictureExplainer, make_application

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "C01HA.jpg"
HOST = {"Host": "127.0.0.1"}
CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
)  # fmt: skip


@pytest.fixture(scope="module")
def interface():
    explainer = PictureExplainer(load_classifier(), load_detector("builtin"))
    app = make_application(explainer, TOKEN, Limits(rate=1_000_000))
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers=HOST)


@pytest.mark.parametrize(("path", "method"), [("/health", "GET"), ("/explain", "POST")])
def test_no_request_is_a_server_error(interface, path, method):
    asked = []

    @settings(max_examples=80, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=interface[path][method].as_strategy())
    def ask(case):
        answer = case.call(headers={**HOST, "Authorization": f"Bearer {TOKEN}"})
        case.validate_response(answer, checks=CHECKS)
        refused = case.call(headers={**HOST, "Authorization": "Bearer wrong"})
        assert refused.status_code == (200 if path == "/health" else 401)
        asked.append(answer.status_code)

    ask()
    assert asked
    assert {*asked} <= ({200} if path == "/health" else {200, 413, 415, 422})
    # Its bodies are noise; a picture is answered by the page's own description too.
    if path == "/explain":
        case = interface[path][method].Case(body=SAMPLE.read_bytes(), media_type="image/jpeg")
        answer = case.call(headers={**HOST, "Authorization": f"Bearer {TOKEN}"})
        case.validate_response(answer, checks=CHECKS)
        assert answer.status_code == 200


def test_the_checks_find_a_server_error(interface, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(PictureExplainer, "explain_picture", fail)
    case = interface["/explain"]["POST"].Case(body=b"x", media_type="image/jpeg")
    with pytest.raises(ZeroDivisionError):
        case.call(headers={**HOST, "Authorization": f"Bearer {TOKEN}"})
