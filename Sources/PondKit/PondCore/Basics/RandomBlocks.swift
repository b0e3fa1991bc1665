internal import Synchronization

/// Random numbers from the system, drawn in blocks: one system call serves many ids.
///
/// A number is erased from the block when it is taken. Callable from any thread.
package enum RandomBlocks {
    /// Fills the words with random bits of the system; nothing else may know them.
    package typealias Fill = @Sendable (UnsafeMutableBufferPointer<UInt64>) -> Bool

    private struct Block {
        var words: [UInt64] = []
        var fill: Fill?
    }

    private static let size = 512
    private static let block = Mutex(Block())

    /// Sets where blocks come from; until then every number is asked of the system by itself.
    package static func use(_ fill: @escaping Fill) {
        self.block.withLock { if $0.fill == nil { $0.fill = fill } }
    }

    /// Two random numbers.
    static func pair() -> (UInt64, UInt64) {
        let pair = self.block.withLock { block -> (UInt64, UInt64)? in
            if block.words.count < 2 { self.refill(&block) }
            guard block.words.count >= 2 else { return nil }
            return (self.take(&block), self.take(&block))
        }
        if let pair { return pair }
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    private static func take(_ block: inout Block) -> UInt64 {
        let last = block.words.count - 1
        let word = block.words[last]
        block.words[last] = 0
        block.words.removeLast()
        return word
    }

    private static func refill(_ block: inout Block) {
        guard let fill = block.fill else { return }
        block.words = [UInt64](unsafeUninitializedCapacity: self.size) { words, count in
            words.initialize(repeating: 0)
            count = fill(words) ? words.count : 0
        }
    }
}
