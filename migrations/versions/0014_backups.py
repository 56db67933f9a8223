"""恢复: restores, and whether the messages of the restored office may leave."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('restores',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('backup_name', sa.String(length=120), nullable=False),
    sa.Column('backup_seal', sa.String(length=64), nullable=False),
    sa.Column('backed_up_at', sa.DateTime(), nullable=False),
    sa.Column('restored_at', sa.DateTime(), nullable=False),
    sa.Column('released_at', sa.DateTime(), nullable=True),
    sa.Column('released_by_id', sa.Integer(), nullable=True),
    sa.Column('is_backlog_sent', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['released_by_id'], ['ab_user.id'], name=op.f('fk_restores_released_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restores'))
    )


def downgrade() -> None:
    op.drop_table('restores')
