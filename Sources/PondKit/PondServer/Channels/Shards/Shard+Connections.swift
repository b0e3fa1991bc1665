import PondCore

/// The connections of a shard.
extension Shard {
    func admit(_ connection: any ServerConnection) {
        let info = connection.identity.info
        self.connections[info.connectionKey] = connection
        if self.core.measures {
            self.core.options.metrics.connectionOpened(endpoint: info.endpoint, transport: info.transport)
        }
    }

    func forget(_ connection: any ServerConnection, _ end: TransportEnd) {
        let info = connection.identity.info
        guard self.connections[info.connectionKey] === connection else { return }
        self.connections[info.connectionKey] = nil
        self.rename(connection, nil)
        if let address = connection.countedAddress { self.core.uncountConnection(from: address) }
        if self.core.measures {
            self.core.options.metrics.connectionClosed(
                endpoint: info.endpoint,
                transport: info.transport,
                lasted: self.now - connection.identity.since
            )
        }
        self.core.options.hooks.onDisconnect?(connection.identity.current, end)
    }
}
