"""The REST interface, asked as another system would ask it."""
