-- The overrides of a development server, for any number of configs.
CREATE TABLE configcat_overrides (
    -- What the server calls the config: a file's path or the hash of an SDK key.
    config BLOB NOT NULL,
    key BLOB NOT NULL,
    -- The user's identifier; empty for everybody.
    user BLOB NOT NULL,
    -- The number of the type in config JSON v6.
    type INTEGER NOT NULL,
    -- The value as JSON.
    value BLOB NOT NULL,
    enabled INTEGER NOT NULL,
    -- Unix time in milliseconds.
    updated INTEGER NOT NULL,
    PRIMARY KEY (config, key, user)
) WITHOUT ROWID;
