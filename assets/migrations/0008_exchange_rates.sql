-- Schema 8: what a side's exchange rates were, where it maps them. Runs of before have none.

PRAGMA user_version = 8;

CREATE TABLE rate_lists (
  run_id INTEGER NOT NULL REFERENCES runs (id),
  side   INTEGER NOT NULL CHECK (side IN (0, 1)),
  rates  TEXT    NOT NULL,
  seal   INTEGER NOT NULL,
  PRIMARY KEY (run_id, side)
) STRICT, WITHOUT ROWID;
