import PondKit

/// The tables of the chat, and how older files become new ones. A step that was released is never changed.
enum ChatSchema {
    /// "Pond" as a number, in the header of each file.
    static let migrations = SQLiteMigrations(
        applicationID: 0x506F_6E64,
        steps: [
            Self.first + SQLiteHistoryTables.schema, SQLiteHistoryTables.origins, Self.addressBans, Self.untold,
            Self.owners, Self.beginnings,
            Self.carriers, Self.clock, SQLiteHistoryTables.epochs, ChatTables.erasedSchema,
        ]
    )

    /// Which broadcasts hold a message's text, and what Redis has yet to be told of that. What was broadcast before is
    /// removed, for it is not known what of it was removed or edited since.
    private static let carriers = """
        ALTER TABLE messages ADD COLUMN offset INTEGER;
        ALTER TABLE messages ADD COLUMN edit_offset INTEGER;
        UPDATE streams SET removed = last WHERE id IN (SELECT stream FROM broadcasts);
        DELETE FROM broadcasts;
        CREATE TABLE unerased (
            channel TEXT NOT NULL,
            offset INTEGER NOT NULL,
            epoch TEXT NOT NULL,
            whole INTEGER NOT NULL DEFAULT 0,
            payload BLOB,
            PRIMARY KEY (channel, offset)
        ) STRICT;
        """

    /// The index of words answers for beginnings of three letters without walking all words that begin so.
    private static let beginnings = """
        DROP TABLE message_words;
        CREATE VIRTUAL TABLE message_words USING fts5 (
            text, content = 'messages', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2', prefix = '3'
        );
        INSERT INTO message_words (message_words) VALUES ('rebuild');
        """

    /// Whose messages are: before this, of a claimed name everything since the claim was its owner's.
    private static let owners = """
        ALTER TABLE users ADD COLUMN owner TEXT;
        ALTER TABLE users ADD COLUMN owned_from INTEGER;
        UPDATE users SET owner = 'account:' || key || ':' || tokens_from, owned_from = created WHERE password IS NOT NULL;
        ALTER TABLE messages ADD COLUMN author TEXT;
        ALTER TABLE messages ADD COLUMN reader TEXT;
        UPDATE OR IGNORE reads SET user = (SELECT owner FROM users WHERE key = user)
            WHERE user IN (SELECT key FROM users WHERE owner IS NOT NULL);
        DELETE FROM reads WHERE user NOT IN (SELECT owner FROM users WHERE owner IS NOT NULL);
        """

    /// The latest time that the server believed, in a single row.
    private static let clock = """
        CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), latest INTEGER NOT NULL) STRICT;
        """

    private static let addressBans = """
        CREATE TABLE address_bans (
            range TEXT PRIMARY KEY,
            until INTEGER,
            reason TEXT,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let untold = """
        CREATE TABLE untold (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            change TEXT NOT NULL
        ) STRICT;
        """

    private static let first = """
        CREATE TABLE channels (
            id INTEGER PRIMARY KEY,
            path TEXT NOT NULL UNIQUE,
            topic TEXT NOT NULL DEFAULT '',
            slow INTEGER NOT NULL DEFAULT 0,
            permanent INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE messages (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            channel INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
            id TEXT NOT NULL,
            sender TEXT NOT NULL,
            sender_key TEXT NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            reply TEXT,
            mentions TEXT,
            edited INTEGER,
            removed INTEGER,
            UNIQUE (channel, id)
        ) STRICT;
        CREATE INDEX messages_of_channel ON messages (channel, row);
        CREATE INDEX messages_by_age ON messages (at);

        CREATE VIRTUAL TABLE message_words USING fts5 (
            text, content = 'messages', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2'
        );
        CREATE TRIGGER message_inserted AFTER INSERT ON messages WHEN new.text <> '' BEGIN
            INSERT INTO message_words (rowid, text) VALUES (new.row, new.text);
        END;
        CREATE TRIGGER message_deleted AFTER DELETE ON messages WHEN old.text <> '' BEGIN
            INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.row, old.text);
        END;
        CREATE TRIGGER message_changed AFTER UPDATE OF text ON messages BEGIN
            INSERT INTO message_words (message_words, rowid, text)
                SELECT 'delete', old.row, old.text WHERE old.text <> '';
            INSERT INTO message_words (rowid, text) SELECT new.row, new.text WHERE new.text <> '';
        END;

        CREATE TABLE mentions (
            user TEXT NOT NULL,
            channel INTEGER NOT NULL,
            message INTEGER NOT NULL REFERENCES messages (row) ON DELETE CASCADE,
            PRIMARY KEY (user, channel, message)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mentions_of_message ON mentions (message);

        CREATE TABLE reads (
            user TEXT NOT NULL,
            channel INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
            message INTEGER NOT NULL,
            PRIMARY KEY (user, channel)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE conversations (
            user TEXT NOT NULL,
            channel INTEGER NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
            PRIMARY KEY (user, channel)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE users (
            key TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            skeleton TEXT NOT NULL,
            password TEXT,
            role TEXT NOT NULL DEFAULT 'user',
            created INTEGER NOT NULL,
            seen INTEGER NOT NULL,
            tokens_from INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX users_by_looks ON users (skeleton);

        CREATE TABLE sanctions (
            kind TEXT NOT NULL,
            channel TEXT NOT NULL,
            user TEXT NOT NULL,
            name TEXT NOT NULL,
            until INTEGER,
            reason TEXT,
            by TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (kind, channel, user)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE revoked_tokens (
            id TEXT PRIMARY KEY,
            until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
