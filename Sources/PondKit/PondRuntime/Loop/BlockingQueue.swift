internal import Glibc
import PondCore

/// Hands values from any thread to one thread that may wait for them: a worker that blocks, never a loop.
///
/// `@unchecked Sendable`: `waiting` and `closed` are guarded by the mutex.
package final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let capacity: Int
    private var waiting = Queue<Element>()
    private var closed = false

    /// A queue that holds at most `capacity` values.
    package init(capacity: Int) {
        self.capacity = capacity
        self.mutex = .allocate(capacity: 1)
        self.mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(self.mutex, nil)
        self.condition = .allocate(capacity: 1)
        self.condition.initialize(to: pthread_cond_t())
        pthread_cond_init(self.condition, nil)
    }

    deinit {
        pthread_cond_destroy(self.condition)
        pthread_mutex_destroy(self.mutex)
        self.condition.deallocate()
        self.mutex.deallocate()
    }

    /// What became of a value that was handed over.
    package enum Handover: Sendable {
        case taken
        case full
        case closed
    }

    /// Hands a value over, or says why not; never waits.
    package func push(_ element: Element) -> Handover {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        if self.closed { return .closed }
        if self.waiting.count >= self.capacity { return .full }
        self.waiting.append(element)
        pthread_cond_signal(self.condition)
        return .taken
    }

    /// Waits for values and takes up to `limit` of them, in order; `nil` when the queue is closed and empty.
    package func take(upTo limit: Int) -> [Element]? {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        while self.waiting.isEmpty {
            if self.closed { return nil }
            pthread_cond_wait(self.condition, self.mutex)
        }
        return self.waiting.popFirst(upTo: limit)
    }

    /// Takes no more values; those handed over before are still taken out.
    package func close() {
        pthread_mutex_lock(self.mutex)
        self.closed = true
        pthread_cond_broadcast(self.condition)
        pthread_mutex_unlock(self.mutex)
    }
}
