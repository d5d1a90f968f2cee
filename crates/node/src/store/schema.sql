-- The store of one node, for SQLite and, with the names of its types changed, for PostgreSQL. Every key of the register begins with the channel, so that a distributed database can spread it;
-- officers, sessions and statements are the node's own, and few.
-- `log`, `entries`, `record`, `subtree`, `checkpoint` and `cosignature` are the register; `dossier` is a projection of it
-- that can be folded anew at any time.

CREATE TABLE IF NOT EXISTS meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS channel (
    channel TEXT PRIMARY KEY,
    charter BLOB NOT NULL              -- the exact bytes of the charter
) STRICT;

CREATE TABLE IF NOT EXISTS peer (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    address TEXT NOT NULL,             -- host:port
    PRIMARY KEY (channel, party)
) STRICT, WITHOUT ROWID;

-- One log per party and channel: how far it is verified, how far it is applied, and its newest signed checkpoint.
CREATE TABLE IF NOT EXISTS log (
    channel  TEXT NOT NULL,
    party    TEXT NOT NULL,
    size     INTEGER NOT NULL,
    frontier BLOB NOT NULL,            -- the compact range [0, size)
    applied  INTEGER NOT NULL,         -- records of this log whose causes have all been applied
    note     TEXT NOT NULL,            -- the checkpoint of `size` with the log's own signature
    PRIMARY KEY (channel, party)
) STRICT, WITHOUT ROWID;

-- The entries of the logs, up to 256 in a row. An entry is 32 bytes: SHA-256(salt || record).
CREATE TABLE IF NOT EXISTS entries (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    tile    INTEGER NOT NULL,          -- the first entry's place, divided by 256
    bytes   BLOB NOT NULL,             -- one entry after another
    PRIMARY KEY (channel, party, tile)
) STRICT, WITHOUT ROWID;

-- The roots of complete subtrees of 256, 65,536 … leaves: what proofs need beside the entries.
CREATE TABLE IF NOT EXISTS subtree (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    level   INTEGER NOT NULL,
    idx     INTEGER NOT NULL,
    hash    BLOB NOT NULL,
    PRIMARY KEY (channel, party, level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS checkpoint (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    size    INTEGER NOT NULL,
    note    TEXT NOT NULL,
    PRIMARY KEY (channel, party, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS cosignature (
    channel  TEXT NOT NULL,
    party    TEXT NOT NULL,            -- whose log
    size     INTEGER NOT NULL,
    cosigner TEXT NOT NULL,            -- which party cosigned it
    time     INTEGER NOT NULL,         -- when, by the cosigner's clock
    line     TEXT NOT NULL,            -- the signature line of the note
    PRIMARY KEY (channel, party, size, cosigner)
) STRICT, WITHOUT ROWID;

-- The proof that a log has two histories. A row is added once, and is never changed or deleted.
CREATE TABLE IF NOT EXISTS fork (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,             -- whose log
    found   INTEGER NOT NULL,          -- when this node had the proof, by its own clock
    source  TEXT NOT NULL,             -- which party showed the other history, or the proof
    proof   TEXT NOT NULL,             -- two signed checkpoints, and the way between them when their sizes differ
    PRIMARY KEY (channel, party)
) STRICT, WITHOUT ROWID;

-- Signed checkpoints that are ahead of what is held of a log, one from each party, until the log has grown that far.
CREATE TABLE IF NOT EXISTS shown (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,             -- whose log
    source  TEXT NOT NULL,             -- which party showed it
    size    INTEGER NOT NULL,
    note    TEXT NOT NULL,             -- with the signature of the log and cosignatures that hold
    PRIMARY KEY (channel, party, source)
) STRICT, WITHOUT ROWID;

-- The channels whose logs are served to outside monitors.
CREATE TABLE IF NOT EXISTS published (
    channel TEXT PRIMARY KEY,
    since   INTEGER NOT NULL           -- when that was decided, by this node's clock
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS record (
    channel     TEXT NOT NULL,
    party       TEXT NOT NULL,
    idx         INTEGER NOT NULL,
    dossier     TEXT,                  -- none when the bytes are not a record
    sum         INTEGER NOT NULL,      -- with the entry, its place in the common order
    salt        BLOB NOT NULL,
    bytes       BLOB NOT NULL,         -- exactly what was hashed
    standing    TEXT NOT NULL,         -- effective, unknown, pending, or a refusal code
    received    INTEGER NOT NULL       -- when this node stored it, by its own clock
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS record_place ON record (channel, party, idx);
CREATE INDEX IF NOT EXISTS record_dossier ON record (channel, dossier, sum);

-- Places of this node's own log that came back from peers without their records.
CREATE TABLE IF NOT EXISTS lost (
    channel TEXT NOT NULL,
    idx     INTEGER NOT NULL,
    PRIMARY KEY (channel, idx)
) STRICT, WITHOUT ROWID;
-- Records that could not be judged when they came: almost always none.
CREATE INDEX IF NOT EXISTS record_unknown ON record (channel, dossier) WHERE standing = 'unknown';

-- The disclosures that are kept with a record: sealed values and their salts. What has to be destroyed one day lies here, and nowhere
-- else in the database, so that little has to be written anew when it is.
CREATE TABLE IF NOT EXISTS disclosure (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    idx     INTEGER NOT NULL,
    texts   TEXT NOT NULL,             -- one a line
    PRIMARY KEY (channel, party, idx)
) STRICT, WITHOUT ROWID;

-- Records that came after their entries and wait for their causes: almost always none.
CREATE INDEX IF NOT EXISTS record_late ON record (channel, party, idx) WHERE standing = 'late';

-- Own records that a further party was released after it had been sent their entries: to be sent late.
CREATE TABLE IF NOT EXISTS late (
    channel   TEXT NOT NULL,
    recipient TEXT NOT NULL,
    number    INTEGER NOT NULL,        -- counted for each recipient
    party     TEXT NOT NULL,           -- whose log the record stands in: this node's own
    idx       INTEGER NOT NULL,        -- the record's place in this party's log
    PRIMARY KEY (channel, recipient, number)
) STRICT, WITHOUT ROWID;

-- How far the late records of another party's log have been taken in.
CREATE TABLE IF NOT EXISTS late_taken (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    number  INTEGER NOT NULL,
    PRIMARY KEY (channel, party)
) STRICT, WITHOUT ROWID;

-- How many of this node's late records have arrived at a party, as its bundles say.
CREATE TABLE IF NOT EXISTS bundle_told (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    late    INTEGER NOT NULL,
    PRIMARY KEY (channel, party)
) STRICT, WITHOUT ROWID;

-- What was taken in of a party on one day, against a peer that would fill the disk. Only the last day is kept.
CREATE TABLE IF NOT EXISTS intake (
    channel TEXT NOT NULL,
    party   TEXT NOT NULL,
    day     TEXT NOT NULL,
    entries INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,          -- of records, checkpoints and disclosures
    files   INTEGER NOT NULL,          -- bytes of files
    PRIMARY KEY (channel, party)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS dossier (
    channel  TEXT NOT NULL,
    dossier  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    title    TEXT NOT NULL,            -- words, as JSON
    state    TEXT NOT NULL,            -- the state's word when it was last written
    done     INTEGER NOT NULL,         -- nothing more is owed
    due      TEXT,                     -- the day by which something is owed
    owner    TEXT,                     -- the institution that owes it
    awaits   TEXT NOT NULL,            -- the parties whose turn it is: '' or ',IRQ,TUR,'
    audience TEXT NOT NULL,            -- ',IRQ,TUR,'
    class    INTEGER NOT NULL,         -- classification, 0 to 3
    caveats  TEXT NOT NULL,            -- handling caveats, as they stand in `handling`
    changed  INTEGER NOT NULL,         -- when it last changed here, by this node's clock
    fold     BLOB NOT NULL,            -- the dossier as folded, as JSON
    reference TEXT,                    -- the number by which people quote it
    sealed   INTEGER NOT NULL DEFAULT 0, -- whether a record sealed anything in it
    PRIMARY KEY (channel, dossier)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dossier_due ON dossier (channel, due) WHERE due IS NOT NULL AND done = 0;
CREATE INDEX IF NOT EXISTS dossier_reference ON dossier (reference) WHERE reference IS NOT NULL;
CREATE INDEX IF NOT EXISTS dossier_waiting ON dossier (channel, changed) WHERE awaits <> '';
-- The dossiers in which a record sealed something: what has to be erased in time is found among them.
CREATE INDEX IF NOT EXISTS dossier_sealed ON dossier (channel) WHERE sealed = 1;

CREATE INDEX IF NOT EXISTS dossier_kind ON dossier (channel, kind, state, changed);

-- How many dossiers are alike in all that lists are mostly filtered by, so that counting them reads none of them. A part of the
-- projection: made anew with it.
CREATE TABLE IF NOT EXISTS tally (
    channel  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    state    TEXT NOT NULL,
    done     INTEGER NOT NULL,
    owner    TEXT NOT NULL,            -- '' for none
    awaits   TEXT NOT NULL,
    audience TEXT NOT NULL,
    class    INTEGER NOT NULL,
    caveats  TEXT NOT NULL,
    dossiers INTEGER NOT NULL,
    PRIMARY KEY (channel, kind, state, done, owner, awaits, audience, class, caveats)
) STRICT, WITHOUT ROWID;

-- Which dossiers were written, in the order of the commits: what the search index follows. Only the last are kept; an index that is
-- further behind is made anew.
CREATE TABLE IF NOT EXISTS touched (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    dossier TEXT NOT NULL,
    at      INTEGER NOT NULL,          -- when, by this node's clock
    erased  INTEGER NOT NULL           -- whether something of it was destroyed
) STRICT;

-- Every set of caveats that any dossier carries: what an officer may see is told by the few sets that it holds whole.
CREATE TABLE IF NOT EXISTS handling (
    caveats TEXT PRIMARY KEY           -- as a JSON list
) STRICT, WITHOUT ROWID;

-- Files of dossiers. Which ones a dossier names follows from its fold; whether one is here does not.
CREATE TABLE IF NOT EXISTS attachment (
    channel    TEXT NOT NULL,
    dossier    TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    party      TEXT NOT NULL,          -- who attached it
    size       INTEGER NOT NULL,       -- in bytes
    media_type TEXT NOT NULL,          -- as its record says
    effective  INTEGER NOT NULL,       -- whether the dossier names it now
    held       INTEGER NOT NULL,       -- 0 not here, 1 here for this dossier, 2 came and was not what its record says, 3 destroyed here
    PRIMARY KEY (channel, dossier, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS attachment_wanted ON attachment (channel) WHERE effective = 1 AND held = 0;
CREATE INDEX IF NOT EXISTS attachment_hash ON attachment (sha256);

-- This party's own files that a peer is known to have, where this node brings them itself.
CREATE TABLE IF NOT EXISTS brought (
    channel TEXT NOT NULL,
    dossier TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    party   TEXT NOT NULL,             -- to whom
    PRIMARY KEY (channel, dossier, sha256, party)
) STRICT, WITHOUT ROWID;

-- How far this party has counted in each series of reference numbers.
CREATE TABLE IF NOT EXISTS reference (
    series TEXT PRIMARY KEY,           -- IQ-TR/2026/M
    last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS officer (
    officer  TEXT PRIMARY KEY,
    about    TEXT NOT NULL,            -- the officer, as JSON
    password TEXT                      -- argon2id, or none when the officer cannot sign in
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS session (
    token   BLOB PRIMARY KEY,          -- SHA-256 of the token
    officer TEXT NOT NULL,
    csrf    TEXT NOT NULL,
    begun   INTEGER NOT NULL,
    used    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Statements that were read, and what each officer made of their proposals.
CREATE TABLE IF NOT EXISTS statement (
    statement TEXT PRIMARY KEY,
    officer   TEXT NOT NULL,
    added     INTEGER NOT NULL,
    published TEXT,
    source    TEXT NOT NULL,
    body      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where a statement stands for everybody to read, how many dossiers were proposed when it came, and how many of them a person has
-- decided on: those that wait are told by it.
CREATE TABLE IF NOT EXISTS arrival (
    statement TEXT PRIMARY KEY,
    link      TEXT NOT NULL,
    proposed  INTEGER NOT NULL,
    decided   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS arrival_waiting ON arrival (statement) WHERE decided < proposed;

CREATE TABLE IF NOT EXISTS proposal (
    statement TEXT NOT NULL,
    number    INTEGER NOT NULL,
    outcome   TEXT NOT NULL,           -- dropped, or the dossier that it became
    channel   TEXT,
    PRIMARY KEY (statement, number)
) STRICT, WITHOUT ROWID;

-- What one officer asked for and a second one must allow. What is allowed is bound by its hash.
CREATE TABLE IF NOT EXISTS approval (
    number    INTEGER PRIMARY KEY,
    digest    TEXT NOT NULL,           -- SHA-256 of `asked`, in hexadecimal
    asked     TEXT NOT NULL,           -- what is asked for, as JSON, for the one who allows it; never a sealed value
    requester TEXT NOT NULL,
    requested INTEGER NOT NULL,        -- seconds since 1970 UTC
    approver  TEXT,
    approved  INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS approval_digest ON approval (digest);

-- What was unsealed, exported, approved and erased. Rows are added and never changed.
CREATE TABLE IF NOT EXISTS audit (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,          -- seconds since 1970 UTC
    officer TEXT NOT NULL,
    did     TEXT NOT NULL,             -- request, approve, unseal, export, erase
    digest  TEXT NOT NULL,             -- SHA-256 of what it was done to, in hexadecimal
    reason  TEXT NOT NULL
) STRICT;
