-- Schema 1: claims, their aliases, records, and the source of versions.

-- One row: versions are never given twice, in no table and by no process.
CREATE TABLE versions (
    last INTEGER NOT NULL
) STRICT;
INSERT INTO versions (last) VALUES (0);

-- scope: 0 delivery, 1 settlement. state: 0 claimed, 1 pending, 2 settled, 3 failed.
-- Times are milliseconds since 1970.
CREATE TABLE claims (
    scope       INTEGER NOT NULL CHECK (scope IN (0, 1)),
    payment     TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    state       INTEGER NOT NULL CHECK (state IN (0, 1, 2, 3)),
    claimed_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    detail      BLOB    NOT NULL,
    UNIQUE (scope, payment)
) STRICT;
CREATE INDEX open_claims ON claims (scope, payment) WHERE state IN (0, 1);
CREATE INDEX finished_claims ON claims (scope, updated_at) WHERE state IN (2, 3);

-- Further ids of a claim's payment. None of them is a claim's own id.
CREATE TABLE aliases (
    scope   INTEGER NOT NULL,
    alias   TEXT    NOT NULL,
    payment TEXT    NOT NULL,
    PRIMARY KEY (scope, alias),
    FOREIGN KEY (scope, payment) REFERENCES claims (scope, payment) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_of_a_claim ON aliases (scope, payment);

CREATE TABLE records (
    collection TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    value      BLOB    NOT NULL,
    UNIQUE (collection, name)
) STRICT;
