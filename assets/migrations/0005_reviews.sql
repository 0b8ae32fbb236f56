-- Schema 5: what people decide about rows, and what that makes of the rows of a run.

PRAGMA user_version = 5;

-- One decision of one person. Append-only: what takes it back is another.
CREATE TABLE review_acts (
  id      INTEGER PRIMARY KEY,
  service TEXT    NOT NULL,
  act     TEXT    NOT NULL,
  seal    INTEGER NOT NULL
) STRICT;

CREATE INDEX review_acts_of_service ON review_acts (service, id);

-- The rows it is about, found again in later runs by key and cause. Amounts are whole minor units; no currency is no amount.
CREATE TABLE review_subjects (
  id       INTEGER PRIMARY KEY,
  act_id   INTEGER NOT NULL REFERENCES review_acts (id),
  key      TEXT    NOT NULL,
  cause    TEXT,
  currency TEXT,
  delta    INTEGER,
  tax      INTEGER,
  seal     INTEGER NOT NULL
) STRICT;

CREATE INDEX review_subjects_of_act ON review_subjects (act_id, id);
CREATE INDEX review_subjects_of_key ON review_subjects (key, act_id);

CREATE TRIGGER review_acts_are_not_edited BEFORE UPDATE ON review_acts
BEGIN
  SELECT RAISE(ABORT, 'decisions are append-only');
END;

CREATE TRIGGER review_acts_are_not_cut BEFORE DELETE ON review_acts
BEGIN
  SELECT RAISE(ABORT, 'decisions are append-only');
END;

CREATE TRIGGER review_subjects_are_not_edited BEFORE UPDATE ON review_subjects
BEGIN
  SELECT RAISE(ABORT, 'decisions are append-only');
END;

CREATE TRIGGER review_subjects_are_not_cut BEFORE DELETE ON review_subjects
BEGIN
  SELECT RAISE(ABORT, 'decisions are append-only');
END;

-- How rows stand by all decisions: derived. place = run_id * 2^32 + the row's number; only rows that decisions are about are here.
-- A waived row is open again from `until` on, whether or not anybody has looked.
CREATE TABLE standings (
  place  INTEGER PRIMARY KEY,
  review INTEGER NOT NULL,
  waiver INTEGER,
  until  TEXT,
  why    TEXT    NOT NULL,
  seal   INTEGER NOT NULL
) STRICT;

-- Of a run whose rows were looked at: how often that changed, whether a decision was made since, and what the rows come to.
CREATE TABLE reviewed (
  run_id  INTEGER PRIMARY KEY REFERENCES runs (id),
  changes INTEGER NOT NULL,
  stale   INTEGER NOT NULL CHECK (stale IN (0, 1)),
  tally   TEXT    NOT NULL,
  seal    INTEGER NOT NULL
) STRICT;
