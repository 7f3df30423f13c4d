"""A store's faces, live: matrix, filters, gallery."""
