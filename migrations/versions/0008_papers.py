"""Papers: the name at their head, what a slip said when issued, what was written by hand only."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

LIMITS = sa.Enum('immediate', 'one_day', 'three_days', name='limitclass', native_enum=False, length=24)
MODES = sa.Enum('phone', 'in_person', 'written', 'message', 'notice_board', name='contactmode', native_enum=False, length=24)
TEXTS = (
    ('group_reviews', 'unit_report'),
    ('leader_visits', 'problems'),
    ('callbacks', 'follow_up'),
)
# A slip handed over before its first extension said the due time from before it.
ISSUED = """
    UPDATE slips SET issued_class = limit_class, issued_due_at = COALESCE((
        SELECT e.former_due_at FROM extensions e
        WHERE e.case_id = slips.case_id AND e.new_due_at IS NOT NULL
          AND e.applied_at >= slips.issued_at AND slips.slip_kind = 'lead'
        ORDER BY e.id LIMIT 1
    ), due_at)
"""


def upgrade() -> None:
    with op.batch_alter_table('sites', schema=None) as batch_op:
        batch_op.add_column(sa.Column('paper_name', sa.String(length=60), nullable=False, server_default=''))

    for table, column in TEXTS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sa.Text(), nullable=False, server_default=''))

    with op.batch_alter_table('callbacks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mode', MODES, nullable=False, server_default='phone'))

    with op.batch_alter_table('supervisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('recorder', sa.String(length=60), nullable=False, server_default=''))

    with op.batch_alter_table('slips', schema=None) as batch_op:
        batch_op.add_column(sa.Column('issued_class', LIMITS, nullable=True))
        batch_op.add_column(sa.Column('issued_due_at', sa.DateTime(), nullable=True))

    op.execute(ISSUED)
    with op.batch_alter_table('slips', schema=None) as batch_op:
        batch_op.alter_column('issued_class', existing_type=LIMITS, nullable=False)
        batch_op.alter_column('issued_due_at', existing_type=sa.DateTime(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table('slips', schema=None) as batch_op:
        batch_op.drop_column('issued_due_at')
        batch_op.drop_column('issued_class')

    with op.batch_alter_table('supervisions', schema=None) as batch_op:
        batch_op.drop_column('recorder')

    with op.batch_alter_table('callbacks', schema=None) as batch_op:
        batch_op.drop_column('mode')

    for table, column in reversed(TEXTS):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)

    with op.batch_alter_table('sites', schema=None) as batch_op:
        batch_op.drop_column('paper_name')
