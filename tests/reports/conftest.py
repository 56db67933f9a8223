"""What the tests of the reports share: an office in the middle of its work."""

from tests.busy import busy, busy_offices, count_statements_of

__all__ = ["busy", "busy_offices", "count_statements_of"]
