"""Change several choices of a state at once."""

from __future__ import annotations

from typing import Any

from traitlets import HasTraits

from xfera_nb.errors import ParamsError, unknown_name


class BatchedChoices(HasTraits):
    """Let several traits change before what follows from them is worked out, by `_update`.

    `_update` must do nothing but note what to do while `_paused` is above 0.
    """

    _paused = 0

    def set(self, **choices: Any) -> None:
        """Change several choices at once; what follows from them is worked out once.

        Raises
        ------
        ParamsError
            If there is no such choice.
        """
        for name in choices:
            if not self.has_trait(name):
                raise unknown_name("choice", name, self.trait_names(), ParamsError)
        self._paused += 1
        try:
            for name, value in choices.items():
                setattr(self, name, value)
        finally:
            self._paused -= 1
            self._update()

    def _update(self) -> None:
        raise NotImplementedError
