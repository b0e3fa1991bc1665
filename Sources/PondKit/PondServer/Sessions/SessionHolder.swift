/// Who has a session: a connection, with a socket or without.
struct SessionHolder: Sendable {
    let connection: Connection

    var shard: Shard { self.connection.shard }

    var info: ConnectionInfo { self.connection.identity.info }
}
