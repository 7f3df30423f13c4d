"""A user study: its photos, conditions, participants' answers and their analysis.

What the participants' page needs (plan, answers, run) loads without torch or pandas.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
