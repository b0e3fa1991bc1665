import PondCore
import PondRuntime

/// One session of this node and what the store knows of it.
///
/// A session has one owner at any time: the store lets only the owner of the latest generation change it, and every
/// take begins a new generation. Whoever is not the owner any more learns so by the announcement of the take or, where
/// that was missed, by the answer to its next change; and it asks when it has been cut off.
/// `@unchecked Sendable`: everything that changes is guarded by the lock.
final class SharedSession: @unchecked Sendable {
    private enum State {
        /// This node is its owner. Can become `moved` or `ended`.
        case held
        /// Another node is. Final.
        case moved
        /// It is over, or given up for another node to take. Final.
        case ended
    }

    private struct Content {
        var state = State.held
        var record: SessionRecord
        /// Memberships that a node before this one had and the client has not claimed here.
        var restorable: [String: SessionMembership]
        var whenMoved: (@Sendable () -> Void)?
        /// Whether the whole is on its way already.
        var isSaving = false
        /// Whether a socket resumed the session here and the store has not confirmed since that this node is its owner.
        var isUnconfirmed = false
    }

    let token: SessionToken
    let key: String
    let owner: SessionOwner
    private let store: any SharedSessionStore
    private let content: Lock<Content>

    init(
        _ token: SessionToken,
        _ record: SessionRecord,
        owner: SessionOwner,
        restorable: [String: SessionMembership],
        in store: any SharedSessionStore
    ) {
        self.token = token
        self.key = Self.key(of: token)
        self.owner = owner
        self.store = store
        self.content = Lock(Content(record: record, restorable: restorable))
    }

    /// What a session is called outside its node: its token is a secret.
    static func key(of token: SessionToken) -> String { SHA1.hexadecimal(token.text.utf8) }

    /// Tells when another node has taken the session; at once where it has.
    func onMoved(_ body: @escaping @Sendable () -> Void) {
        let hasMoved = self.content.withLock { content in
            content.whenMoved = body
            return content.state == .moved
        }
        if hasMoved { body() }
    }

    /// Tells the store of the session.
    func save() {
        let record = self.content.withLock { content -> SessionRecord? in
            guard content.state == .held, !content.isSaving else { return nil }
            content.isSaving = true
            return content.record
        }
        guard let record else { return }
        self.store.save(record, as: self.key, of: self.owner) { [weak self] answer in
            guard let self else { return }
            let isOutdated = self.content.withLock { content in
                content.isSaving = false
                return content.record != record
            }
            if answer == .taken { self.moved() }
            if isOutdated, answer == .done { self.save() }
        }
    }

    /// A membership began, changed, or with `nil` ended.
    func set(_ channel: String, _ membership: SessionMembership?) {
        let isNews = self.content.withLock { content in
            guard content.state == .held, content.record.channels[channel] != membership else { return false }
            content.record.channels[channel] = membership
            content.restorable[channel] = nil
            return !content.isSaving
        }
        guard isNews else { return }
        self.store.change(channel, to: membership, of: self.key, owner: self.owner) { [weak self] in self?.heard($0) }
    }

    /// The membership that the client had on another node; it is given once.
    func claim(_ channel: String) -> SessionMembership? {
        self.content.withLock { $0.restorable.removeValue(forKey: channel) }
    }

    /// Whether there are memberships that another node had and the client has not come back to here.
    var hasUnclaimed: Bool { self.content.withLock { !$0.restorable.isEmpty } }

    /// Gives up what the client does not come back to: it has left there, and no other node is to restore it.
    func takeUnclaimed() -> [String: SessionMembership] {
        let names = self.content.withLock { Array($0.restorable.keys) }
        var unclaimed: [String: SessionMembership] = [:]
        for name in names {
            unclaimed[name] = self.claim(name)
            self.set(name, nil)
        }
        return unclaimed
    }

    /// A socket resumed the session on this node, which asks the store whether it is still the owner.
    func resumed() {
        self.content.withLock { $0.isUnconfirmed = true }
        self.check()
    }

    /// Whether the present socket may be newer than the take of another node: then the client itself was there before.
    var isUnconfirmed: Bool { self.content.withLock { $0.isUnconfirmed } }

    /// Asks whether the session is still this node's.
    func check() { self.store.touch(self.key, owner: self.owner) { [weak self] in self?.heard($0) } }

    private func heard(_ answer: SessionAnswer) {
        switch answer {
        case .done: self.content.withLock { $0.isUnconfirmed = false }
        case .failed: break
        case .missing: self.save()
        case .taken: self.moved()
        }
    }

    /// Another node has the session.
    func moved() {
        let tell = self.content.withLock { content -> (@Sendable () -> Void)? in
            guard content.state == .held else { return nil }
            content.state = .moved
            return content.whenMoved
        }
        tell?()
    }

    /// The session is over.
    func end() {
        guard self.leave() else { return }
        self.store.end(self.key, owner: self.owner)
    }

    /// The session is not this node's any more; another may take it.
    @discardableResult
    func leave() -> Bool {
        self.content.withLock { content in
            guard content.state == .held else { return false }
            content.state = .ended
            return true
        }
    }
}
