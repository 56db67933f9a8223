"""How long the audit log is kept, and what lies outside; the head goes forward only.

A numbered case is never deleted and keeps its number, so that its events cannot go with it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

INDEXES = {
    'ix_audit_entries_action': ['action', 'id'],
    'ix_audit_entries_result': ['result', 'id'],
}


def upgrade() -> None:
    op.create_table('audit_archives',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('first_seq', sa.Integer(), nullable=False),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.Column('last_hash', sa.String(length=64), nullable=False),
    sa.Column('file_name', sa.String(length=60), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('archived_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_archives')),
    sa.UniqueConstraint('last_seq', name=op.f('uq_audit_archives_last_seq'))
    )
    # Not in batch mode: it would rebuild the table and lose its guards.
    op.add_column('audit_entries', sa.Column('browser', sa.String(length=200), nullable=False, server_default=''))
    op.drop_index('ix_audit_entries_account', 'audit_entries')
    op.create_index('ix_audit_entries_account', 'audit_entries', ['account_id', 'id'])
    for name, columns in INDEXES.items():
        op.create_index(name, 'audit_entries', columns)
    for statement in _sqlite_guards() if _is_sqlite() else _postgresql_guards():
        op.execute(statement)


def downgrade() -> None:
    for statement in _sqlite_unguarded() if _is_sqlite() else _postgresql_unguarded():
        op.execute(statement)
    for name in INDEXES:
        op.drop_index(name, 'audit_entries')
    op.drop_index('ix_audit_entries_account', 'audit_entries')
    op.create_index('ix_audit_entries_account', 'audit_entries', ['account_id'])
    op.execute('ALTER TABLE audit_entries DROP COLUMN browser')
    op.drop_table('audit_archives')


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == 'sqlite'


# Six months by the database's own clock, whatever anybody set: 网络安全法 第二十三条.
SQLITE_OLD = ("(OLD.at < datetime('now', '-183 days') AND EXISTS "
              "(SELECT 1 FROM audit_archives WHERE last_seq >= OLD.id))")
POSTGRESQL_OLD = "OLD.at < (now() AT TIME ZONE 'UTC') - interval '183 days'"
# name of the trigger → table, when, condition
SQLITE = {
    'audit_entries_no_delete': ('audit_entries', 'DELETE', f'NOT {SQLITE_OLD}'),
    # INSERT OR REPLACE deletes past the triggers unless every connection asks for them.
    'audit_entries_no_replace': (
        'audit_entries', 'INSERT', 'NEW.id <= (SELECT max(seq) FROM audit_head)'),
    'case_events_no_replace': (
        'case_events', 'INSERT', 'EXISTS (SELECT 1 FROM case_events WHERE id = NEW.id)'),
    'audit_head_no_replace': ('audit_head', 'INSERT', 'EXISTS (SELECT 1 FROM audit_head)'),
    'audit_head_no_way_back': ('audit_head', 'UPDATE', 'NEW.seq <= OLD.seq OR NEW.id <> OLD.id'),
    'audit_head_no_delete': ('audit_head', 'DELETE', '1'),
    'audit_archives_no_update': ('audit_archives', 'UPDATE', '1'),
    'audit_archives_no_delete': ('audit_archives', 'DELETE', '1'),
    'cases_no_delete': (
        'cases', 'DELETE', "OLD.state <> 'draft' OR OLD.ledger_no IS NOT NULL"),
    'cases_keep_number': (
        'cases', 'UPDATE OF ledger_no',
        'OLD.ledger_no IS NOT NULL AND NEW.ledger_no IS NOT OLD.ledger_no'),
}


def _sqlite_guards():
    yield 'DROP TRIGGER audit_entries_no_delete'
    for name, (table, verb, condition) in SQLITE.items():
        yield (f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
               f"BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed'); END")
    yield ("CREATE TRIGGER cases_take_events BEFORE DELETE ON cases "
           "BEGIN DELETE FROM case_events WHERE case_id = OLD.id; END")


def _sqlite_unguarded():
    for name in (*SQLITE, 'cases_take_events'):
        yield f'DROP TRIGGER {name}'
    yield ("CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries "
           "BEGIN SELECT RAISE(ABORT, 'audit_entries: rows are never changed'); END")


DRAFT = "EXISTS (SELECT 1 FROM cases WHERE id = OLD.case_id AND state = 'draft' AND ledger_no IS NULL)"
FUNCTION = """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'case_events' AND TG_OP = 'DELETE' THEN
            IF {draft} THEN RETURN OLD; END IF;
        END IF;
        {more}
        RAISE EXCEPTION '%: rows are never changed', TG_TABLE_NAME;
    END $$
"""
MORE = f"""
        IF TG_TABLE_NAME = 'audit_entries' AND TG_OP = 'DELETE' THEN
            IF {POSTGRESQL_OLD}
                AND EXISTS (SELECT 1 FROM audit_archives WHERE last_seq >= OLD.id)
            THEN RETURN OLD; END IF;
        END IF;
        IF TG_TABLE_NAME = 'audit_head' AND TG_OP = 'UPDATE' THEN
            IF NEW.seq > OLD.seq AND NEW.id = OLD.id THEN RETURN NEW; END IF;
        END IF;
"""
# As its owner: whoever may delete a draft has no right to delete events by himself.
CASES = f"""
    CREATE FUNCTION keep_cases() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.ledger_no IS NULL OR NEW.ledger_no IS NOT DISTINCT FROM OLD.ledger_no
            THEN RETURN NEW; END IF;
        ELSIF OLD.state = 'draft' AND OLD.ledger_no IS NULL THEN
            DELETE FROM case_events WHERE case_id = OLD.id;
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'cases: rows are never changed';
    END $$
"""
KEPT = ('audit_head', 'audit_archives')


def _postgresql_guards():
    yield FUNCTION.format(draft=DRAFT, more=MORE)
    for table in KEPT:
        yield (f'CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} '
               'FOR EACH ROW EXECUTE FUNCTION refuse_change()')
        yield (f'CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} '
               'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()')
    yield CASES
    yield ('CREATE TRIGGER cases_kept BEFORE DELETE OR UPDATE OF ledger_no ON cases '
           'FOR EACH ROW EXECUTE FUNCTION keep_cases()')


def _postgresql_unguarded():
    yield 'DROP TRIGGER cases_kept ON cases'
    yield 'DROP FUNCTION keep_cases()'
    for table in KEPT:
        yield f'DROP TRIGGER {table}_fixed ON {table}'
        yield f'DROP TRIGGER {table}_kept ON {table}'
    yield FUNCTION.format(draft=DRAFT, more='')
