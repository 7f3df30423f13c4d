"""Tune the fusion over a store, live."""
