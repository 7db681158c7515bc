"""How stores of earlier versions become those of now, and how new ones are made: by every step from the first.

To change the tables:

1. Change or add them in `pipeline.store.schema` (or a module of their own beside it, on the same `metadata`).
2. Add a file to `versions/`. Its name is its revision, told again in the file: `v` and the number behind that of the
   step it follows, then what it brings (`v5_recordings.py`). `down_revision` is the step that it follows. Two steps
   may follow the same one, as happens when two branches each bring one: all of them are carried out.
3. Its `upgrade` says with `alembic.op` what changes. It must say so itself and import no table: what the tables are
   when it was written stays true, whatever becomes of them. It works in the transaction of the whole start, on SQLite
   and on PostgreSQL, and commits nothing; `types.py` beside this file has the column types of both.
4. There is no way back: a store that a newer program wrote is refused by an older one.

`tests/store/test_migration.py` compares what the steps lead to with the tables.
"""
