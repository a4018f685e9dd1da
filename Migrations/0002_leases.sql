-- Which process downloads for all, until when. Only this package knows of it.
CREATE TABLE configcat_leases (
    key BLOB PRIMARY KEY,
    token BLOB NOT NULL,
    -- Unix time in milliseconds.
    expires INTEGER NOT NULL
) WITHOUT ROWID;
