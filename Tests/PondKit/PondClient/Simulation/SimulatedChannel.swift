@testable import PondClient
@testable import PondCore
@testable import PondRuntime

/// One channel of one client with everything that it told.
///
/// `@unchecked Sendable`: everything happens on the thread of the test, which runs the loop.
final class SimulatedChannel: @unchecked Sendable {
    let channel: ClientChannel
    let user: String
    /// The names of the messages heard, in order.
    private(set) var heard: [String] = []
    private(set) var states: [ChannelState] = [.idle]
    private(set) var resyncs = 0
    /// What became of the messages sent, by their names; a message may be told of more than once.
    private(set) var outcomes: [String: [OutgoingMessage.State]] = [:]
    /// Whether the program wants to be in it still.
    var isWanted = true
    var asked = 0
    private(set) var answered = 0
    private let note: (String) -> Void

    /// `note` is told of every change.
    init(_ channel: ClientChannel, of user: String, note: @escaping (String) -> Void) {
        self.channel = channel
        self.user = user
        self.note = note
        channel.onMessage { [unowned self] message in
            if message.event == "say" { self.heard.append(message.payload["name"]?.string ?? "?") }
        }
        channel.onChannelStateChange { [unowned self] status in
            self.states.append(status.state)
            self.note("  \(user), \(channel.name): \(status.state.rawValue), \(status.reason)")
        }
        channel.onRecovery { [unowned self] in if $0 == .resyncRequired { self.resyncs += 1 } }
        channel.onOutboxChange { [unowned self] message in
            guard let name = message.payload["name"]?.string else { return }
            switch message.state {
            case .delivered, .sent, .failed: self.outcomes[name, default: []].append(message.state)
            case .queued, .sending: break
            }
        }
    }

    func say(_ name: String) { _ = try? self.channel.sendMessage("say", ["name": .string(name)]) }

    /// Asks something; however it ends, it has to end.
    func ask(on loop: EventLoop) {
        self.asked += 1
        Task(executorPreference: loop) {
            _ = try? await self.channel.sendForResponse("ask", ["n": 1])
            self.answered += 1
        }
    }

    /// A step between two states that no program should ever see.
    var illegalStep: String? {
        let allowed: [ChannelState: Set<ChannelState>] = [
            .idle: [.joining, .closed], .joining: [.joining, .joined, .declined, .closed],
            .joined: [.stalled, .closed], .stalled: [.stalled, .joined, .declined, .closed],
        ]
        for (before, after) in zip(self.states, self.states.dropFirst())
        where allowed[before]?.contains(after) != true {
            return "\(before.rawValue) -> \(after.rawValue)"
        }
        return nil
    }
}
