"""Telephone numbers encrypted at rest, found by marks; when each record was masked for good.

Needs the data key. What is sealed and how is the application's own form, which it must read for
ever, so that this migration may use it.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from app.models.keyring import ring, seal, unseal
from app.models.phone import marked

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BATCH = 1000
TABLES = ('cases', 'receptions', 'rejections')
INDEXES = (
    ('cases', 'phone_mark'), ('cases', 'phone_tail_mark'),
    ('receptions', 'phone_tail_mark'), ('rejections', 'phone_tail_mark'),
)


def upgrade() -> None:
    op.create_table('data_keys',
    sa.Column('key_id', sa.String(length=8), nullable=False),
    sa.Column('check_value', sa.String(length=32), nullable=False),
    sa.Column('added_at', sa.DateTime(), nullable=False),
    sa.Column('retired_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('key_id', name=op.f('pk_data_keys'))
    )
    op.drop_index('ix_cases_phone', 'cases')
    op.drop_index('ix_cases_phone_tail', 'cases')
    # Not by rebuilding the tables: the triggers of case_events look at cases.
    for table in TABLES:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN phone TO plain_phone')
        op.add_column(table, _text('phone', 255))
        op.add_column(table, _text('phone_mark', 32))
        op.add_column(table, _text('phone_tail_mark', 32))
        op.add_column(table, sa.Column('masked_at', sa.DateTime(), nullable=True))
        _fill(table, 'plain_phone', lambda row: {'phone': seal(row.plain_phone), **marked(row.plain_phone)})
        op.drop_column(table, 'plain_phone')
    op.drop_column('cases', 'phone_tail')
    for name in ('old_phone', 'new_phone'):
        op.add_column('corrections', _text(name, 255))
    _fill('corrections', 'old_value', _sealed_correction, 'new_value', where="field = 'phone'")
    for table, column in INDEXES:
        op.create_index(f'ix_{table}_{column}', table, [column])
    _register()


def downgrade() -> None:
    for table, column in INDEXES:
        op.drop_index(f'ix_{table}_{column}', table)
    _fill('corrections', 'old_phone', _plain_correction, 'new_phone', where="field = 'phone'")
    for name in ('old_phone', 'new_phone'):
        op.drop_column('corrections', name)
    op.add_column('cases', _text('phone_tail', 4))
    for table in TABLES:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN phone TO sealed_phone')
        op.add_column(table, _text('phone', 30))
        _fill(table, 'sealed_phone', lambda row: {'phone': unseal(row.sealed_phone)})
        for name in ('sealed_phone', 'phone_mark', 'phone_tail_mark', 'masked_at'):
            op.drop_column(table, name)
    op.execute("UPDATE cases SET phone_tail = substr(phone, length(phone) - 3) WHERE phone <> ''")
    op.create_index('ix_cases_phone', 'cases', ['phone'])
    op.create_index('ix_cases_phone_tail', 'cases', ['phone_tail'])
    op.drop_table('data_keys')


def _text(name, length):
    return sa.Column(name, sa.String(length=length), nullable=False, server_default='')


def _sealed_correction(row):
    return {'old_phone': seal(row.old_value), 'new_phone': seal(row.new_value), 'old_value': '', 'new_value': ''}


def _plain_correction(row):
    return {'old_value': unseal(row.old_phone), 'new_value': unseal(row.new_phone), 'old_phone': '', 'new_phone': ''}


def _fill(table, column, values, *more, where="1 = 1"):
    """Work out the new columns of every row with something in it, some at a time."""
    names = ', '.join((column, *more))
    query = sa.text(
        f"SELECT id, {names} FROM {table} WHERE id > :last AND {where} ORDER BY id LIMIT {BATCH}"
    )
    last = 0
    while rows := op.get_bind().execute(query, {'last': last}).all():
        found = [{'key': row.id, **values(row)} for row in rows if any(row[1:])]
        if found:
            sets = ', '.join(f'{name} = :{name}' for name in found[0] if name != 'key')
            op.get_bind().execute(sa.text(f'UPDATE {table} SET {sets} WHERE id = :key'), found)
        last = rows[-1].id


def _register():
    """Write down by which key this database is sealed."""
    key = ring().active
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    keys = sa.table('data_keys', sa.column('key_id'), sa.column('check_value'), sa.column('added_at', sa.DateTime()))
    op.bulk_insert(keys, [{'key_id': key.id, 'check_value': key.check, 'added_at': now}])
