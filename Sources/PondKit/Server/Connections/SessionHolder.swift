/// Who has a session: a connection, with a socket or without.
struct SessionHolder: Sendable {
    let connection: Connection
    let shard: Shard

    var info: ConnectionInfo { self.connection.identity.info }
}
