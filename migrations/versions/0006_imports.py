"""Import by workbook: what was read, by whom, and what past papers need."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('import_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('file_size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('stored_name', sa.String(length=32), nullable=False),
    sa.Column('verdicts_name', sa.String(length=32), nullable=False),
    sa.Column('secrets_name', sa.String(length=32), nullable=False),
    sa.Column('plan', sa.String(length=64), nullable=False),
    sa.Column('rows_new', sa.Integer(), nullable=False),
    sa.Column('rows_changed', sa.Integer(), nullable=False),
    sa.Column('rows_same', sa.Integer(), nullable=False),
    sa.Column('rows_bad', sa.Integer(), nullable=False),
    sa.Column('rows_left_out', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('applied_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['ab_user.id'], name=op.f('fk_import_runs_by_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_import_runs_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_runs'))
    )
    with op.batch_alter_table('import_runs', schema=None) as batch_op:
        batch_op.create_index('ix_import_runs_by', ['by_id', 'uploaded_at'], unique=False)
        batch_op.create_index('ix_import_runs_status', ['status', 'uploaded_at'], unique=False)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('has_true_times', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column('paper_officer', sa.String(length=30), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('paper_leader', sa.String(length=30), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('import_run_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_cases_import_run_id'), 'import_runs', ['import_run_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('fk_cases_import_run_id'), type_='foreignkey')
        batch_op.drop_column('import_run_id')
        batch_op.drop_column('paper_leader')
        batch_op.drop_column('paper_officer')
        batch_op.drop_column('has_true_times')
    op.drop_table('import_runs')
