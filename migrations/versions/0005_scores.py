"""量化考核: rules, monthly sheets, exclusions, corrections."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('score_exclusions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('excluded_at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('restored_at', sa.DateTime(), nullable=True),
    sa.Column('restored_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['ab_user.id'], name=op.f('fk_score_exclusions_by_id')),
    sa.ForeignKeyConstraint(['restored_by_id'], ['ab_user.id'], name=op.f('fk_score_exclusions_restored_by_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_score_exclusions_site_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_score_exclusions_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_exclusions'))
    )
    with op.batch_alter_table('score_exclusions', schema=None) as batch_op:
        batch_op.create_index('uq_score_exclusions_standing', ['site_id', 'month', 'kind', 'record_id'], unique=True, sqlite_where=sa.text('restored_at IS NULL'), postgresql_where=sa.text('restored_at IS NULL'))
    op.create_table('score_schemes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('is_floored', sa.Boolean(), nullable=False),
    sa.Column('set_at', sa.DateTime(), nullable=False),
    sa.Column('set_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['set_by_id'], ['ab_user.id'], name=op.f('fk_score_schemes_set_by_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_score_schemes_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_schemes'))
    )
    with op.batch_alter_table('score_schemes', schema=None) as batch_op:
        batch_op.create_index('ix_score_schemes_site_from', ['site_id', 'valid_from'], unique=False)
    op.create_table('score_sheets',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('rules_json', sa.Text(), nullable=False),
    sa.Column('frozen_at', sa.DateTime(), nullable=False),
    sa.Column('frozen_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['frozen_by_id'], ['ab_user.id'], name=op.f('fk_score_sheets_frozen_by_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_score_sheets_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_sheets')),
    sa.UniqueConstraint('site_id', 'month', name='uq_score_sheets_site_month')
    )
    op.create_table('score_corrections',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sheet_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=True),
    sa.Column('old_value', sa.Integer(), nullable=False),
    sa.Column('new_value', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('corrected_at', sa.DateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['ab_user.id'], name=op.f('fk_score_corrections_by_id')),
    sa.ForeignKeyConstraint(['sheet_id'], ['score_sheets.id'], name=op.f('fk_score_corrections_sheet_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_score_corrections_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_corrections'))
    )
    with op.batch_alter_table('score_corrections', schema=None) as batch_op:
        batch_op.create_index('ix_score_corrections_sheet', ['sheet_id'], unique=False)
    op.create_table('score_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scheme_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=True),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['scheme_id'], ['score_schemes.id'], name=op.f('fk_score_rules_scheme_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_rules')),
    sa.UniqueConstraint('scheme_id', 'kind', name='uq_score_rules_scheme_kind')
    )
    op.create_table('score_units',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sheet_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('unit_name', sa.String(length=60), nullable=False),
    sa.Column('sort_order', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['sheet_id'], ['score_sheets.id'], name=op.f('fk_score_units_sheet_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_score_units_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_units')),
    sa.UniqueConstraint('sheet_id', 'unit_id', name='uq_score_units_sheet_unit')
    )
    op.create_table('score_lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('score_unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('occurrences', sa.Integer(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('records_json', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['score_unit_id'], ['score_units.id'], name=op.f('fk_score_lines_score_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score_lines')),
    sa.UniqueConstraint('score_unit_id', 'kind', name='uq_score_lines_unit_kind')
    )


def downgrade() -> None:
    op.drop_table('score_lines')
    op.drop_table('score_units')
    op.drop_table('score_rules')
    with op.batch_alter_table('score_corrections', schema=None) as batch_op:
        batch_op.drop_index('ix_score_corrections_sheet')
    op.drop_table('score_corrections')
    op.drop_table('score_sheets')
    with op.batch_alter_table('score_schemes', schema=None) as batch_op:
        batch_op.drop_index('ix_score_schemes_site_from')
    op.drop_table('score_schemes')
    with op.batch_alter_table('score_exclusions', schema=None) as batch_op:
        batch_op.drop_index('uq_score_exclusions_standing', sqlite_where=sa.text('restored_at IS NULL'), postgresql_where=sa.text('restored_at IS NULL'))
    op.drop_table('score_exclusions')
