extension SQLiteHistoryTables {
    /// Every step, the oldest first.
    package static let steps = [Self.schema, Self.origins, Self.epochs]

    /// Which request a broadcast came of.
    package static let origins = """
        ALTER TABLE broadcasts ADD COLUMN client TEXT;
        ALTER TABLE broadcasts ADD COLUMN client_request TEXT;
        CREATE INDEX broadcasts_client ON broadcasts (stream, client, offset) WHERE client IS NOT NULL;
        """

    /// What the epochs of channels are made from that have no broadcast yet.
    package static let epochs = """
        CREATE TABLE epochs (seed TEXT NOT NULL) STRICT;
        INSERT INTO epochs (seed) VALUES (lower(hex(randomblob(16))));
        """

    /// The tables, as the step of a migration; never changed once released.
    package static let schema = """
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY,
            endpoint TEXT NOT NULL,
            channel TEXT NOT NULL,
            epoch TEXT NOT NULL,
            last INTEGER NOT NULL DEFAULT 0,
            removed INTEGER NOT NULL DEFAULT 0,
            UNIQUE (endpoint, channel)
        ) STRICT;
        CREATE TABLE broadcasts (
            stream INTEGER NOT NULL REFERENCES streams (id) ON DELETE CASCADE,
            offset INTEGER NOT NULL,
            at INTEGER NOT NULL,
            event TEXT NOT NULL,
            request TEXT NOT NULL,
            recipients TEXT,
            payload BLOB NOT NULL,
            PRIMARY KEY (stream, offset)
        ) STRICT, WITHOUT ROWID;
        """
}
