"""The application around a stand-in for the explainer."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from service_parts import TOKEN, StandIn

from xfera_nb.service import Limits, make_application


@pytest.fixture
def stand_in():
    one = StandIn()
    yield one
    one.go.set()


@pytest.fixture
def connect(stand_in):
    """Make a client of an application with some limits; with the token unless told otherwise."""
    made = []

    def make(token=TOKEN, **limits):
        app = make_application(stand_in, TOKEN, Limits(**limits))
        client = TestClient(
            app, base_url="http://127.0.0.1:8867", raise_server_exceptions=False,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )  # fmt: skip
        made.append(client)
        return client.__enter__()

    yield make
    stand_in.go.set()
    for client in made:
        client.__exit__(None, None, None)
