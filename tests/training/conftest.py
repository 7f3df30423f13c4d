from __future__ import annotations

import numpy as np
import pytest
from symmetric_face import symmetric_landmarks


@pytest.fixture
def face() -> np.ndarray:
    return symmetric_landmarks()
