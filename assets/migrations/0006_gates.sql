-- Schema 6: what people do about gates and the flip.

PRAGMA user_version = 6;

-- One act of one person: evidence, a sign-off, a step of the flip. Append-only: what takes it back is another.
CREATE TABLE gate_acts (
  id      INTEGER PRIMARY KEY,
  service TEXT    NOT NULL,
  act     TEXT    NOT NULL,
  seal    INTEGER NOT NULL
) STRICT;

CREATE INDEX gate_acts_of_service ON gate_acts (service, id);

CREATE TRIGGER gate_acts_are_not_edited BEFORE UPDATE ON gate_acts
BEGIN
  SELECT RAISE(ABORT, 'acts are append-only');
END;

CREATE TRIGGER gate_acts_are_not_cut BEFORE DELETE ON gate_acts
BEGIN
  SELECT RAISE(ABORT, 'acts are append-only');
END;
