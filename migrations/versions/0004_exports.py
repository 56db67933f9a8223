"""Exports asked for: ledgers written by a job and fetched later."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('export_requests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('listing', sa.String(length=24), nullable=False),
    sa.Column('query', sa.String(length=1000), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('is_full', sa.Boolean(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('rows_total', sa.Integer(), nullable=False),
    sa.Column('rows_done', sa.Integer(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease', sa.String(length=40), nullable=False),
    sa.Column('leased_until', sa.DateTime(), nullable=True),
    sa.Column('started_at', sa.DateTime(), nullable=True),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.Column('error', sa.String(length=200), nullable=False),
    sa.Column('stored_name', sa.String(length=40), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('sight', sa.String(length=200), nullable=False),
    sa.Column('case_ids', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['ab_user.id'], name=op.f('fk_export_requests_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export_requests'))
    )
    with op.batch_alter_table('export_requests', schema=None) as batch_op:
        batch_op.create_index('ix_export_requests_by', ['by_id', 'asked_at'], unique=False)
        batch_op.create_index('ix_export_requests_status', ['status', 'finished_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('export_requests', schema=None) as batch_op:
        batch_op.drop_index('ix_export_requests_status')
        batch_op.drop_index('ix_export_requests_by')

    op.drop_table('export_requests')
