"""Figures: a month's cases are found by the times that place them in it."""

from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_cases_first_due", "cases", "first_due_at"),
    ("ix_cases_original_due", "cases", "original_due_at"),
    ("ix_cases_first_dispatched", "cases", "first_dispatched_at"),
    ("ix_cases_dispatch_due", "cases", "dispatch_due_at"),
    ("ix_results_submitted", "results", "submitted_at"),
)


def upgrade() -> None:
    for name, table, column in INDEXES:
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, table, _column in reversed(INDEXES):
        op.drop_index(name, table)
