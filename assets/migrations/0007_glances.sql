-- Schema 7: what rows that differ tell of each other, apart from their blocks.

PRAGMA user_version = 7;

-- An entry a block that has such a row, by the place of the block.
CREATE TABLE glances (
  place INTEGER PRIMARY KEY,
  seal  INTEGER NOT NULL,
  body  BLOB    NOT NULL
) STRICT;
