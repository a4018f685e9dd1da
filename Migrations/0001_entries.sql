-- A cache entry in two parts, so that its first two lines can be read and written without the rest.
CREATE TABLE configcat_entries (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    -- Up to and including the second line feed; all of it, if there are fewer.
    header BLOB NOT NULL,
    body BLOB NOT NULL
);
