"""The office's papers as data: what stands on each, in which order, filled from the record."""
