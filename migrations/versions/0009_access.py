"""Log-ins that the server can end, passwords somebody had before, accounts that are locked."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

ENDS = sa.Enum('logout', 'password', 'reset', 'switched_off', name='sessionend', native_enum=False, length=24)


def upgrade() -> None:
    op.create_table('login_sessions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=60), nullable=False),
    sa.Column('browser', sa.String(length=200), nullable=False),
    sa.Column('needs_password', sa.Boolean(), nullable=False),
    sa.Column('began_at', sa.DateTime(), nullable=False),
    sa.Column('expires_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('ended_why', ENDS, nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['ab_user.id'], name=op.f('fk_login_sessions_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_login_sessions_token_hash'))
    )
    with op.batch_alter_table('login_sessions', schema=None) as batch_op:
        batch_op.create_index('ix_login_sessions_account_ended', ['account_id', 'ended_at'], unique=False)

    op.create_table('old_passwords',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('password_hash', sa.String(length=256), nullable=False),
    sa.Column('replaced_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['ab_user.id'], name=op.f('fk_old_passwords_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_old_passwords'))
    )
    with op.batch_alter_table('old_passwords', schema=None) as batch_op:
        batch_op.create_index('ix_old_passwords_account', ['account_id'], unique=False)

    with op.batch_alter_table('ab_user', schema=None) as batch_op:
        batch_op.add_column(sa.Column('must_change_password', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('password_set_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('locked_until', sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('ab_user', schema=None) as batch_op:
        batch_op.drop_column('locked_until')
        batch_op.drop_column('password_set_at')
        batch_op.drop_column('must_change_password')

    op.drop_table('old_passwords')
    op.drop_table('login_sessions')
