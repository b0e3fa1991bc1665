import Testing

@testable import PondServer

/// Every event in every state of a connection's session.
@Suite struct SessionMachineTests {
    private static func machine(_ events: (inout SessionMachine) -> Void) -> SessionMachine {
        var machine = SessionMachine()
        events(&machine)
        return machine
    }

    private static let attached = SessionMachine()
    private static let closing = Self.machine { _ = $0.closed() }
    private static let detached = Self.machine { _ = $0.socketEnded(canResume: true) }
    private static let transferred = Self.machine { _ = $0.transferred() }
    private static let ended = Self.machine { _ = $0.socketEnded(canResume: false) }
    private static let endedAfterTransfer = Self.machine {
        _ = $0.transferred()
        _ = $0.graceEnded()
    }

    @Test(arguments: [
        (Self.attached, SessionMachine.CloseAction.closeSocket, false), (Self.closing, .closeSocket, false),
        (Self.detached, .end, true), (Self.transferred, .end, true), (Self.ended, .nothing, true),
    ])
    func closesTheSocketOrEndsTheConnectionThatHasNone(
        before: SessionMachine,
        action: SessionMachine.CloseAction,
        hasEnded: Bool
    ) {
        var machine = before
        #expect(machine.closed() == action)
        #expect(machine.hasEnded == hasEnded)
    }

    @Test(arguments: [
        (Self.attached, true, SessionMachine.SocketAction.detach), (Self.attached, false, .end),
        (Self.closing, true, .end), (Self.closing, false, .end), (Self.detached, true, .nothing),
        (Self.transferred, true, .nothing), (Self.ended, true, .nothing),
    ])
    func keepsTheSessionOnlyOfASocketThatWasLost(
        before: SessionMachine,
        canResume: Bool,
        action: SessionMachine.SocketAction
    ) {
        var machine = before
        #expect(machine.socketEnded(canResume: canResume) == action)
        #expect(machine.hasEnded == (action == .end || before.hasEnded))
        #expect(machine.isDetached == (action == .detach || before.isDetached))
        #expect(!machine.hasSocket)
    }

    @Test(arguments: [
        (Self.attached, true), (Self.closing, false), (Self.detached, true), (Self.transferred, false),
        (Self.ended, false),
    ])
    func resumesOnANewSocketUntilTheSessionEnds(before: SessionMachine, resumes: Bool) {
        var machine = before
        #expect(machine.canResume == resumes)
        #expect(machine.resumed() == resumes)
        #expect(machine.socket == (resumes ? 1 : 0))
        #expect(machine.hasSocket == (resumes || before.hasSocket))
    }

    @Test(arguments: [
        (Self.attached, true), (Self.closing, true), (Self.detached, true), (Self.transferred, false),
        (Self.ended, false),
    ])
    func isTransferredOnce(before: SessionMachine, isTransferred: Bool) {
        var machine = before
        #expect(machine.transferred() == isTransferred)
        #expect(machine.isTransferred == !before.hasEnded)
        #expect(!machine.hasSocket)
        #expect(!machine.canResume)
    }

    @Test(arguments: [
        (Self.attached, false), (Self.closing, false), (Self.detached, true), (Self.transferred, true),
        (Self.ended, false),
    ])
    func endsWithItsGraceTimeUnlessItHasASocket(before: SessionMachine, ends: Bool) {
        var machine = before
        #expect(machine.graceEnded() == ends)
        #expect(machine.hasEnded == (ends || before.hasEnded))
    }

    @Test func remembersAfterTheEndThatTheSessionWasTransferred() {
        #expect(Self.endedAfterTransfer.hasEnded && Self.endedAfterTransfer.isTransferred)
        #expect(!Self.ended.isTransferred)
    }
}
