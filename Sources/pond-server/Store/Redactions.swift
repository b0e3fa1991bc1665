import PondChat
import PondKit

/// What the store of the chat took back, and who has yet to follow: copies in memory, the log and the index on the disk,
/// and Redis where servers share it.
final class Redactions: Sendable {
    let revisions = HistoryRevisions()
    private let state = Lock(State())

    /// Where copies lie on the disk besides the rows themselves.
    enum Place: Sendable {
        /// The index of words, whose older pieces hold the words of removed texts.
        case words
        /// The log, which holds earlier pages.
        case log
    }

    private struct State {
        var isShared = false
        var isUntold = true
        /// How often something was taken back, counting what an earlier run of the program may have left.
        var noted: UInt64 = 1
        var words: UInt64 = 0
        var log: UInt64 = 0
    }

    /// Whether what is taken back has to be taken back in Redis, too.
    var isShared: Bool {
        get { self.state.withLock { $0.isShared } }
        set { self.state.withLock { $0.isShared = newValue } }
    }

    /// Something of a channel is taken back by the transaction that goes on: whoever hears of it here sees it only
    /// behind that transaction, on the thread that writes.
    func note(_ channel: HistoryKey) {
        self.revisions.revised(channel)
        self.state.withLock { state in
            state.noted += 1
            state.isUntold = true
        }
    }

    /// The number up to which a place has to follow; `nil` where it has.
    func waiting(_ place: Place) -> UInt64? {
        self.state.withLock { state in
            let done = place == .words ? state.words : state.log
            return done < state.noted ? state.noted : nil
        }
    }

    /// A place has followed up to a number.
    func followed(_ place: Place, upTo number: UInt64) {
        self.state.withLock { state in
            switch place {
            case .words: state.words = max(state.words, number)
            case .log: state.log = max(state.log, number)
            }
        }
    }

    /// The log holds pages of an index that has changed since.
    func logChanged() { self.state.withLock { $0.log = min($0.log, $0.noted - 1) } }

    /// Whether Redis is to be told, by whoever asks first.
    func takeUntold() -> Bool {
        self.state.withLock { state in
            defer { state.isUntold = false }
            return state.isUntold
        }
    }

    func staysUntold() { self.state.withLock { $0.isUntold = true } }
}
