internal import CPondSys
internal import Glibc

/// Waits for file descriptors: epoll, and an eventfd by which other threads end the wait.
///
/// Everything but `wake()` belongs to the loop's thread.
package final class Poller {
    private struct Registration {
        var target: (any Pollable)?
        /// Told apart from an earlier registration of the same descriptor, whose events may still be on their way.
        var number: UInt32
    }

    private static let eventCapacity = 512
    private static let wakeData = UInt64.max

    private let epoll: Int32
    private let wakeEvent: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private var registrations: ContiguousArray<Registration> = []
    private var lastNumber: UInt32 = 0

    init() throws(SystemError) {
        let epoll = try System.check(epoll_create1(Int32(EPOLL_CLOEXEC)))
        let wakeEvent: Int32
        do throws(SystemError) {
            wakeEvent = try System.check(eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)))
        } catch {
            System.close(epoll)
            throw error
        }
        // Edge-triggered: every write is one event, and the counter is never read back.
        var event = pond_epoll_event(EPOLLIN.rawValue | EPOLLET.rawValue, Self.wakeData)
        do throws(SystemError) {
            _ = try System.check(epoll_ctl(epoll, EPOLL_CTL_ADD, wakeEvent, &event))
        } catch {
            System.close(epoll)
            System.close(wakeEvent)
            throw error
        }
        self.epoll = epoll
        self.wakeEvent = wakeEvent
        self.events = .allocate(capacity: Self.eventCapacity)
    }

    deinit {
        System.close(self.epoll)
        System.close(self.wakeEvent)
        self.events.deallocate()
    }

    /// Ends the wait; callable from any thread.
    func wake() { eventfd_write(self.wakeEvent, 1) }

    func add(_ descriptor: Int32, for events: PollEvents, _ target: any Pollable) throws(SystemError) {
        self.lastNumber &+= 1
        let number = self.lastNumber
        var event = pond_epoll_event(events.rawValue, Self.data(descriptor, number))
        _ = try System.check(epoll_ctl(self.epoll, EPOLL_CTL_ADD, descriptor, &event))
        let index = Int(descriptor)
        while self.registrations.count <= index { self.registrations.append(Registration(target: nil, number: 0)) }
        self.registrations[index] = Registration(target: target, number: number)
    }

    func change(_ descriptor: Int32, to events: PollEvents) {
        let number = self.registrations[Int(descriptor)].number
        var event = pond_epoll_event(events.rawValue, Self.data(descriptor, number))
        epoll_ctl(self.epoll, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Call before the descriptor is closed; with `closing` right before it, which removes it from the kernel's set too.
    func remove(_ descriptor: Int32, closing: Bool) {
        if !closing {
            var event = epoll_event()
            epoll_ctl(self.epoll, EPOLL_CTL_DEL, descriptor, &event)
        }
        self.registrations[Int(descriptor)].target = nil
    }

    /// Waits up to `milliseconds` (-1: for ever) and says how many events there are to `deliver`.
    func wait(milliseconds: Int32) -> Int {
        // A signal ends the wait early: the loop's next turn waits again.
        max(0, Int(epoll_wait(self.epoll, self.events, Int32(Self.eventCapacity), milliseconds)))
    }

    /// Hands out the events of the last wait; true when there was more than a wake-up.
    func deliver(_ count: Int) -> Bool {
        var delivered = false
        for index in 0..<count {
            let data = pond_epoll_data(self.events + index)
            if data == Self.wakeData { continue }
            delivered = true
            let descriptor = Int(data & 0xffff_ffff)
            let registration = self.registrations[descriptor]
            guard registration.number == UInt32(data >> 32), let target = registration.target else { continue }
            target.pollReady(PollEvents(rawValue: self.events[index].events))
        }
        return delivered
    }

    /// Tells every target that the loop ends.
    func stopAll() {
        for index in self.registrations.indices {
            guard let target = self.registrations[index].target else { continue }
            target.pollStopped()
        }
    }

    private static func data(_ descriptor: Int32, _ number: UInt32) -> UInt64 {
        UInt64(number) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }
}
