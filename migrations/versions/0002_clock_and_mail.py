"""The clock and the mail: watched cases, notices on channels, outgoing messages, jobs."""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = 'b87423c336d7'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('outgoing_files',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing_files'))
    )
    op.create_table('runners',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_runners'))
    )
    op.create_table('notice_templates',
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('text', sa.String(length=400), nullable=False),
    sa.Column('is_mailed', sa.Boolean(), nullable=False),
    sa.Column('timing', sa.String(length=24), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by_id'], ['ab_user.id'], name=op.f('fk_notice_templates_changed_by_id')),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_notice_templates'))
    )
    op.create_table('outgoing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=320), nullable=False),
    sa.Column('subject', sa.String(length=160), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('message_id', sa.String(length=120), nullable=False),
    sa.Column('is_gathered', sa.Boolean(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(), nullable=False),
    sa.Column('leased_until', sa.DateTime(), nullable=True),
    sa.Column('lease', sa.String(length=40), nullable=False),
    sa.Column('tried_since', sa.DateTime(), nullable=True),
    sa.Column('tried_at', sa.DateTime(), nullable=True),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('reply', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['outgoing_files.id'], name=op.f('fk_outgoing_file_id')),
    sa.ForeignKeyConstraint(['recipient_id'], ['ab_user.id'], name=op.f('fk_outgoing_recipient_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing')),
    sa.UniqueConstraint('key', name='uq_outgoing_key'),
    sa.UniqueConstraint('message_id', name='uq_outgoing_message_id')
    )
    with op.batch_alter_table('outgoing', schema=None) as batch_op:
        batch_op.create_index('ix_outgoing_recipient_created', ['recipient_id', 'created_at'], unique=False)
        batch_op.create_index('ix_outgoing_status_next', ['status', 'next_try_at'], unique=False)

    op.create_table('measure_drafts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('round_no', sa.Integer(), nullable=False),
    sa.Column('requirement', sa.Text(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(), nullable=False),
    sa.Column('settled_at', sa.DateTime(), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('settle_note', sa.String(length=200), nullable=False),
    sa.Column('supervision_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_measure_drafts_case_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['ab_user.id'], name=op.f('fk_measure_drafts_settled_by_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_measure_drafts_site_id')),
    sa.ForeignKeyConstraint(['supervision_id'], ['supervisions.id'], name=op.f('fk_measure_drafts_supervision_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_measure_drafts_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measure_drafts')),
    sa.UniqueConstraint('case_id', 'kind', 'round_no', name='uq_measure_drafts_once')
    )
    with op.batch_alter_table('measure_drafts', schema=None) as batch_op:
        batch_op.create_index('ix_measure_drafts_open', ['site_id', 'settled_at'], unique=False)
        batch_op.create_index('ix_measure_drafts_unit', ['unit_id', 'kind', 'drafted_at'], unique=False)

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('next_look_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('alarm_round', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('alarm_key', sa.String(length=160), nullable=False, server_default=''))
        batch_op.create_index('ix_cases_next_look', ['next_look_at'], unique=False)

    with op.batch_alter_table('job_state', schema=None) as batch_op:
        batch_op.add_column(sa.Column('schedule', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('leased_until', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('last_seconds', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('last_done', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('last_failed', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('last_note', sa.String(length=300), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('last_worked_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('last_error_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('asked_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('asked_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_job_state_asked_by_id'), 'ab_user', ['asked_by_id'], ['id'])

    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.add_column(sa.Column('about', sa.String(length=40), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('round_no', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('channel', sa.String(length=20), nullable=False, server_default='site'))
        batch_op.add_column(sa.Column('subject', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('status', sa.String(length=24), nullable=False, server_default='told'))
        batch_op.add_column(sa.Column('status_note', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('send_at', sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column('outgoing_id', sa.Integer(), nullable=True))
        batch_op.alter_column('kind',
               existing_type=sa.VARCHAR(length=40),
               type_=sa.String(length=24),
               existing_nullable=False)
        batch_op.alter_column('text',
               existing_type=sa.VARCHAR(length=300),
               type_=sa.String(length=600),
               existing_nullable=False)
        batch_op.drop_index('ix_notices_recipient_read')

    # One row a person, matter, kind and round: what was told before keeps a round of its own.
    op.execute("UPDATE notices SET round_no = -id, about = 'notice:' || id")
    op.execute("UPDATE notices SET about = 'case:' || case_id WHERE case_id IS NOT NULL")
    # The first scan looks at every case that is open.
    op.execute(
        "UPDATE cases SET next_look_at = registered_at WHERE state IN"
        " ('to_dispatch', 'to_sign', 'handling', 'redo', 'group_review', 'to_evaluate')"
    )
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.create_index('ix_notices_recipient_read', ['recipient_id', 'channel', 'read_at'], unique=False)
        batch_op.create_index('ix_notices_about', ['about', 'kind', 'round_no'], unique=False)
        batch_op.create_index('ix_notices_outgoing', ['outgoing_id'], unique=False)
        batch_op.create_index('ix_notices_status_send', ['status', 'send_at'], unique=False)
        batch_op.create_unique_constraint('uq_notices_once', ['recipient_id', 'about', 'kind', 'round_no', 'channel'])
        batch_op.create_foreign_key(batch_op.f('fk_notices_outgoing_id'), 'outgoing', ['outgoing_id'], ['id'])



def downgrade() -> None:
    op.execute("DELETE FROM notices WHERE channel <> 'site'")
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_notices_outgoing_id'), type_='foreignkey')
        batch_op.drop_constraint('uq_notices_once', type_='unique')
        batch_op.drop_index('ix_notices_status_send')
        batch_op.drop_index('ix_notices_outgoing')
        batch_op.drop_index('ix_notices_about')
        batch_op.drop_index('ix_notices_recipient_read')
        batch_op.alter_column('text',
               existing_type=sa.String(length=600),
               type_=sa.VARCHAR(length=300),
               existing_nullable=False)
        batch_op.alter_column('kind',
               existing_type=sa.String(length=24),
               type_=sa.VARCHAR(length=40),
               existing_nullable=False)
        batch_op.drop_column('outgoing_id')
        batch_op.drop_column('send_at')
        batch_op.drop_column('status_note')
        batch_op.drop_column('status')
        batch_op.drop_column('subject')
        batch_op.drop_column('channel')
        batch_op.drop_column('round_no')
        batch_op.drop_column('about')
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.create_index('ix_notices_recipient_read', ['recipient_id', 'read_at'], unique=False)

    with op.batch_alter_table('job_state', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_job_state_asked_by_id'), type_='foreignkey')
        batch_op.drop_column('asked_by_id')
        batch_op.drop_column('asked_at')
        batch_op.drop_column('last_error_at')
        batch_op.drop_column('last_worked_at')
        batch_op.drop_column('last_note')
        batch_op.drop_column('last_failed')
        batch_op.drop_column('last_done')
        batch_op.drop_column('last_seconds')
        batch_op.drop_column('leased_until')
        batch_op.drop_column('schedule')

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('ix_cases_next_look')
        batch_op.drop_column('alarm_key')
        batch_op.drop_column('alarm_round')
        batch_op.drop_column('next_look_at')

    with op.batch_alter_table('measure_drafts', schema=None) as batch_op:
        batch_op.drop_index('ix_measure_drafts_unit')
        batch_op.drop_index('ix_measure_drafts_open')

    op.drop_table('measure_drafts')
    with op.batch_alter_table('outgoing', schema=None) as batch_op:
        batch_op.drop_index('ix_outgoing_status_next')
        batch_op.drop_index('ix_outgoing_recipient_created')

    op.drop_table('outgoing')
    op.drop_table('notice_templates')
    op.drop_table('runners')
    op.drop_table('outgoing_files')
