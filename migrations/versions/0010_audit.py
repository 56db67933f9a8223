"""审计日志: a chain of entries that the database itself lets nobody change or delete."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ACTIONS = sa.Enum('login', 'login_failed', 'locked', 'unlocked', 'logout', 'password_changed', 'password_reset', 'case_event', 'created', 'changed', 'deleted', 'exported', 'printed', 'refused', name='auditaction', native_enum=False, length=24)
RESULTS = sa.Enum('done', 'refused', name='auditresult', native_enum=False, length=24)
GUARDED = ('audit_entries', 'case_events')
BEGINNING = '0' * 64


def upgrade() -> None:
    op.create_table('audit_entries',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('account_name', sa.String(length=160), nullable=False),
    sa.Column('roles', sa.String(length=160), nullable=False),
    sa.Column('address', sa.String(length=60), nullable=False),
    sa.Column('reference', sa.String(length=16), nullable=False),
    sa.Column('action', ACTIONS, nullable=False),
    sa.Column('object_type', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.String(length=40), nullable=False),
    sa.Column('object_name', sa.String(length=160), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('result', RESULTS, nullable=False),
    sa.Column('prev_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entries_account', ['account_id'], unique=False)
        batch_op.create_index('ix_audit_entries_at', ['at'], unique=False)
        batch_op.create_index('ix_audit_entries_object', ['object_type', 'object_id'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.execute(f"INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '{BEGINNING}')")
    for statement in _guards():
        op.execute(statement)


def downgrade() -> None:
    for table in GUARDED:
        if op.get_bind().dialect.name == 'sqlite':
            op.execute(f'DROP TRIGGER {table}_no_update')
            op.execute(f'DROP TRIGGER {table}_no_delete')
        else:
            op.execute(f'DROP TRIGGER {table}_fixed ON {table}')
            op.execute(f'DROP TRIGGER {table}_kept ON {table}')
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('DROP FUNCTION refuse_change()')
    op.drop_table('audit_head')
    op.drop_table('audit_entries')


# A draft, which has no number and binds nobody, may be deleted by its author (D-37).
DRAFT = "EXISTS (SELECT 1 FROM cases WHERE id = OLD.case_id AND state = 'draft' AND ledger_no IS NULL)"
SQLITE = [
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {unless}"
    "BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed'); END",
]
FUNCTION = """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'case_events' AND TG_OP = 'DELETE' THEN
            IF {draft} THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION '%: rows are never changed', TG_TABLE_NAME;
    END $$
"""
POSTGRESQL = [
    "CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
]


def _guards() -> list[str]:
    """Nobody edits or deletes these rows, through whatever door: the database refuses."""
    if op.get_bind().dialect.name == 'sqlite':
        unless = {'case_events': f'WHEN NOT {DRAFT} '}
        return [line.format(table=table, unless=unless.get(table, ''))
                for table in GUARDED for line in SQLITE]
    return [FUNCTION.format(draft=DRAFT)] + [
        line.format(table=table) for table in GUARDED for line in POSTGRESQL
    ]
