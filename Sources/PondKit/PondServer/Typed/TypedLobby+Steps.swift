extension TypedLobby {
    /// Adds a step before this lobby's join handler.
    public func use(_ step: @escaping @Sendable (JoinContext, _ next: () throws -> Void) throws -> Void) {
        self.use(Middleware(step))
    }

    /// Adds a step that may suspend before this lobby's join handler.
    public func use(
        _ step: @concurrent @escaping @Sendable (JoinContext, _ next: () async throws -> Void) async throws -> Void
    ) {
        self.use(Middleware(step))
    }

    /// Adds a step before every event handler of this lobby.
    public func use(_ step: @escaping @Sendable (EventContext, _ next: () throws -> Void) throws -> Void) {
        self.use(Middleware(step))
    }

    /// Adds a step that may suspend before every event handler of this lobby.
    public func use(
        _ step: @concurrent @escaping @Sendable (EventContext, _ next: () async throws -> Void) async throws -> Void
    ) {
        self.use(Middleware(step))
    }

    /// Adds a step before every leave handler of this lobby.
    public func use(_ step: @escaping @Sendable (LeaveContext, _ next: () throws -> Void) throws -> Void) {
        self.use(Middleware(step))
    }

    /// Adds a step that may suspend before every leave handler of this lobby.
    public func use(
        _ step: @concurrent @escaping @Sendable (LeaveContext, _ next: () async throws -> Void) async throws -> Void
    ) {
        self.use(Middleware(step))
    }

    /// Adds a step before every outgoing handler of this lobby.
    public func use(_ step: @escaping @Sendable (OutgoingContext, _ next: () throws -> Void) throws -> Void) {
        self.use(Middleware(step))
    }

    /// Adds a step that may suspend before every outgoing handler of this lobby.
    public func use(
        _ step: @concurrent @escaping @Sendable (OutgoingContext, _ next: () async throws -> Void) async throws -> Void
    ) {
        self.use(Middleware(step))
    }
}
