-- Schema 1 of the workspace. Applied whole, in one transaction, with the journal's first entry.

-- "dual" in ASCII: tells this file from any other SQLite file.
PRAGMA application_id = 1685414252;
PRAGMA user_version = 1;

CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id          INTEGER PRIMARY KEY,
  service     TEXT    NOT NULL,
  month       TEXT    NOT NULL,
  state       TEXT    NOT NULL CHECK (state IN ('running', 'complete', 'incomplete', 'interrupted', 'failed')),
  started_at  TEXT    NOT NULL,
  finished_at TEXT,
  recheck_of  INTEGER,
  request     TEXT    NOT NULL,
  tally       TEXT    NOT NULL,
  digests     TEXT    NOT NULL,
  snapshots   TEXT    NOT NULL,
  recheck     TEXT,
  failure     TEXT,
  current     INTEGER NOT NULL DEFAULT 0 CHECK (current IN (0, 1)),
  -- Rows stored, and their sums by currency and verdict: what a list's heading needs without reading the rows.
  row_count   INTEGER NOT NULL DEFAULT 0,
  sums        TEXT    NOT NULL DEFAULT '[]',
  seal        INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One current run for each service and month, whatever happens.
CREATE UNIQUE INDEX runs_current ON runs (service, month) WHERE current = 1;
CREATE INDEX runs_rechecks ON runs (recheck_of) WHERE recheck_of IS NOT NULL;

-- A seal is 64 bits of a hash over what stands beside it: a bent file gives an error, never another number.

-- place = run_id * 2^32 + seq, so that rows are appended in order and found without another index.
-- Amounts are whole minor units; days are counted from 0001-01-01 as day 1.
CREATE TABLE rows (
  place             INTEGER PRIMARY KEY,
  run_id            INTEGER NOT NULL,
  subject           INTEGER NOT NULL,
  key               TEXT    NOT NULL,
  period_start      INTEGER NOT NULL,
  period_end        INTEGER NOT NULL,
  customer          TEXT    NOT NULL,
  plan              TEXT    NOT NULL,
  verdict           INTEGER NOT NULL,
  basis             INTEGER,
  review            INTEGER NOT NULL,
  actual            INTEGER,
  actual_currency   TEXT,
  expected          INTEGER,
  expected_currency TEXT,
  delta             INTEGER,
  exact_delta       TEXT,
  at_stake          INTEGER NOT NULL,
  actual_tax        INTEGER,
  expected_tax      INTEGER,
  rated             INTEGER,
  drafted           INTEGER,
  documents         TEXT    NOT NULL,
  cause             TEXT,
  seal              INTEGER NOT NULL
) STRICT;

-- Only what does not match is indexed: it is little, and it is what people sort and filter for.
-- Each entry ends in the row's place, which makes the sort total and lets a page start anywhere in it.
CREATE INDEX rows_by_at_stake ON rows (run_id, at_stake) WHERE at_stake <> 0;
CREATE INDEX rows_by_delta    ON rows (run_id, delta)    WHERE delta IS NOT 0;
CREATE INDEX rows_by_verdict  ON rows (run_id, verdict)  WHERE verdict <> 0;

-- What only a single row's page shows; apart, so that lists never read it.
CREATE TABLE row_details (
  place  INTEGER PRIMARY KEY,
  detail TEXT NOT NULL,
  seal   INTEGER NOT NULL
) STRICT;

CREATE TABLE terms (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  plan_id TEXT    NOT NULL,
  terms   TEXT    NOT NULL,
  seal    INTEGER NOT NULL,
  PRIMARY KEY (run_id, plan_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  place   INTEGER NOT NULL,
  weight  INTEGER NOT NULL,
  finding TEXT    NOT NULL,
  seal    INTEGER NOT NULL,
  PRIMARY KEY (run_id, place)
) STRICT;

CREATE TABLE rejected (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  place  INTEGER NOT NULL,
  error  TEXT    NOT NULL,
  seal   INTEGER NOT NULL,
  PRIMARY KEY (run_id, place)
) STRICT;

-- Append-only; each entry holds the hash of the one before it.
CREATE TABLE journal (
  seq      INTEGER PRIMARY KEY,
  at       TEXT NOT NULL,
  actor    TEXT NOT NULL,
  kind     TEXT NOT NULL,
  facts    TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash     TEXT NOT NULL
) STRICT;

CREATE TRIGGER journal_is_not_edited BEFORE UPDATE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is append-only');
END;

CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal
BEGIN
  SELECT RAISE(ABORT, 'the journal is append-only');
END;
