"""The journeys of each role in a real browser."""
