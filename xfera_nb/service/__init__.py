"""Explain photos over HTTP and WebSocket, on this machine only: what ``xfera serve`` serves."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
