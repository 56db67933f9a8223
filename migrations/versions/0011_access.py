"""Longer settings (a list of addresses), and when the sealed emergency account was opened."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('settings', schema=None) as batch_op:
        batch_op.alter_column('text', existing_type=sa.String(length=200), type_=sa.String(length=1000), existing_nullable=False)
    op.create_table('emergency_openings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.Column('until_at', sa.DateTime(), nullable=False),
    sa.Column('sealed_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_emergency_openings'))
    )


def downgrade() -> None:
    op.drop_table('emergency_openings')
    # What is longer than the old column goes back to its default.
    op.execute("DELETE FROM settings WHERE length(text) > 200")
    with op.batch_alter_table('settings', schema=None) as batch_op:
        batch_op.alter_column('text', existing_type=sa.String(length=1000), type_=sa.String(length=200), existing_nullable=False)
