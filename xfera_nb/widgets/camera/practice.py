"""Judge whether an Action Unit is shown and held: the practice mode of the camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

HOLD = 1.5
"""Seconds for which an Action Unit is held to pass."""
ROUNDING = 1e-6
"""Seconds that sums of times may be off by."""
LONGEST_STEP = 0.5
"""Seconds between two frames beyond which nobody knows whether it was held."""


@dataclass(frozen=True)
class Practice:
    """Hold how long an Action Unit has been shown.

    Attributes
    ----------
    au : int
        0 for none.
    held : float
        Seconds since it reached the minimum intensity, without a break; 0 where it does not.
    passed : bool
        Whether it was held for `HOLD` seconds once.
    """

    au: int = 0
    held: float = 0.0
    passed: bool = False
    _since: float | None = None
    _last: float | None = None

    def after(self, time: float, intensity: float, least: float) -> Practice:
        """Return the practice after one more frame.

        Parameters
        ----------
        time : float
            Of the frame, seconds.
        intensity : float
            Of the Action Unit, 0 to 5; NaN where it is not measured, which never counts.
        least : float
            From which it is shown.
        """
        if not intensity >= least:
            return Practice(self.au, passed=self.passed)
        since = self._since
        if since is None or self._last is None or time - self._last > LONGEST_STEP:
            since = time
        held = time - since
        return replace(
            self, held=held, passed=self.passed or held >= HOLD - ROUNDING, _since=since, _last=time
        )
