"""Tokens of the REST interface."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

KINDS = sa.Enum('personal', 'login', name='tokenkind', native_enum=False, length=24)
ENDS = sa.Enum('revoked', 'withdrawn', 'logout', 'password', 'reset', 'switched_off', name='tokenend', native_enum=False, length=24)


def upgrade() -> None:
    op.create_table('api_tokens',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('token_kind', KINDS, nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('scope_text', sa.String(length=120), nullable=False),
    sa.Column('issued_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('last_used_at', sa.DateTime(), nullable=True),
    sa.Column('last_address', sa.String(length=60), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('ended_why', ENDS, nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['ab_user.id'], name=op.f('fk_api_tokens_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    with op.batch_alter_table('api_tokens', schema=None) as batch_op:
        batch_op.create_index('ix_api_tokens_account_ended', ['account_id', 'ended_at'], unique=False)


def downgrade() -> None:
    op.drop_table('api_tokens')
