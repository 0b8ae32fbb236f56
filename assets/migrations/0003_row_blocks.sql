-- Schema 3: rows of a run are stored some hundred at a time. Rows stored one by one are packed while this is applied.

PRAGMA user_version = 3;

-- place = run_id * 2^32 + the number of the block's first row; a run's blocks leave no number out.
-- What only a single row's page shows stands last, so that lists never read it.
CREATE TABLE row_blocks (
  place        INTEGER PRIMARY KEY,
  rows         INTEGER NOT NULL,
  seal         INTEGER NOT NULL,
  details_seal INTEGER NOT NULL,
  lines        BLOB    NOT NULL,
  details      BLOB    NOT NULL
) STRICT;

-- The rows that do not match, in the orders people look at them: at stake, delta, verdict. place = run_id * 2^32 + n, of which
-- the entry 0 says what the others are. Only numbers of rows are taken from here: what is shown comes from the blocks.
CREATE TABLE ranks (
  place INTEGER PRIMARY KEY,
  body  BLOB    NOT NULL,
  seal  INTEGER NOT NULL
) STRICT;
