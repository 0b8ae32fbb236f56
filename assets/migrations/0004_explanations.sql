-- Schema 4: what may explain the rows of a run that differ, and what was made of it.

PRAGMA user_version = 4;

-- What a side sells, plan by plan. side: 0 the target, 1 the source. Older runs kept the target's only.
CREATE TABLE shelves (
  run_id  INTEGER NOT NULL REFERENCES runs (id),
  side    INTEGER NOT NULL CHECK (side IN (0, 1)),
  plan_id TEXT    NOT NULL,
  terms   TEXT    NOT NULL,
  seal    INTEGER NOT NULL,
  PRIMARY KEY (run_id, side, plan_id)
) STRICT, WITHOUT ROWID;

INSERT INTO shelves (run_id, side, plan_id, terms, seal) SELECT run_id, 0, plan_id, terms, seal FROM terms;
DROP TABLE terms;

-- Earlier and present prices of a side, where it maps them.
CREATE TABLE price_lists (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  side   INTEGER NOT NULL CHECK (side IN (0, 1)),
  prices TEXT    NOT NULL,
  seal   INTEGER NOT NULL,
  PRIMARY KEY (run_id, side)
) STRICT, WITHOUT ROWID;

-- place = run_id * 2^32 + the row's number, as everywhere; only rows that have any are here.
CREATE TABLE evidence (
  place INTEGER PRIMARY KEY,
  body  TEXT    NOT NULL,
  seal  INTEGER NOT NULL
) STRICT;

-- The label is what lists show and search; no label is unexplained. Its seal stands apart, so that lists never read the body.
CREATE TABLE explanations (
  place      INTEGER PRIMARY KEY,
  label      TEXT,
  certainty  INTEGER NOT NULL,
  label_seal INTEGER NOT NULL,
  body       TEXT    NOT NULL,
  seal       INTEGER NOT NULL
) STRICT;

-- Of a run that was explained: how often that changed, by which lists kept of it are known to be old, and its clusters.
CREATE TABLE explained (
  run_id   INTEGER PRIMARY KEY REFERENCES runs (id),
  changes  INTEGER NOT NULL,
  clusters TEXT,
  seal     INTEGER NOT NULL
) STRICT;
