"""Every setting of the fusion over a store, live."""
