-- Schema 2: the staged copy of an import, what was handed to a loader, pairs of ids, and looks at inertness.

PRAGMA user_version = 2;

CREATE TABLE imports (
  id          INTEGER PRIMARY KEY,
  service     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('running', 'staged', 'complete', 'incomplete', 'interrupted', 'failed')),
  started_at  TEXT NOT NULL,
  finished_at TEXT,
  request     TEXT NOT NULL,
  snapshots   TEXT NOT NULL DEFAULT '[]',
  entities    TEXT NOT NULL DEFAULT '{}',
  load        TEXT NOT NULL DEFAULT '{}',
  pack        TEXT,
  failure     TEXT,
  seal        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX imports_of_service ON imports (service, id);

-- What the target shall hold, by the source's id. `digest` is of the content: a bent row is an error, never another record.
CREATE TABLE staged (
  service     TEXT    NOT NULL,
  entity      TEXT    NOT NULL,
  external_id TEXT    NOT NULL,
  shadow      TEXT    NOT NULL,
  digest      TEXT    NOT NULL,
  import_id   INTEGER NOT NULL REFERENCES imports (id),
  PRIMARY KEY (service, entity, external_id)
) STRICT, WITHOUT ROWID;

-- The newest delivery of each record. `sending` is stored before a record is handed over: after a crash it says what may have arrived.
CREATE TABLE deliveries (
  service     TEXT    NOT NULL,
  entity      TEXT    NOT NULL,
  external_id TEXT    NOT NULL,
  act         TEXT    NOT NULL CHECK (act IN ('put', 'retire')),
  key         TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  tries       INTEGER NOT NULL,
  reason      TEXT    NOT NULL,
  target_id   TEXT,
  seal        INTEGER NOT NULL,
  PRIMARY KEY (service, entity, external_id)
) STRICT, WITHOUT ROWID;

-- One target record for each source record, and one source record for each target record: the table itself refuses anything else.
CREATE TABLE mapped_ids (
  service     TEXT NOT NULL,
  entity      TEXT NOT NULL,
  external_id TEXT NOT NULL,
  target_id   TEXT NOT NULL,
  seal        INTEGER NOT NULL,
  PRIMARY KEY (service, entity, external_id),
  UNIQUE (service, entity, target_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE inertness (
  id      INTEGER PRIMARY KEY,
  service TEXT NOT NULL,
  look    TEXT NOT NULL,
  seal    INTEGER NOT NULL
) STRICT;

CREATE INDEX inertness_of_service ON inertness (service, id);
