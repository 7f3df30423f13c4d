"""Explore a store's faces live: matrix, filters, gallery."""
