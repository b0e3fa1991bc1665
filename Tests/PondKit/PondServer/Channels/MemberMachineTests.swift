import Testing

@testable import PondServer

/// Every event in every state of a member.
@Suite struct MemberMachineTests {
    private static func machine(_ events: (inout MemberMachine) -> Void) -> MemberMachine {
        var machine = MemberMachine()
        events(&machine)
        return machine
    }

    private static let outside = MemberMachine()
    private static let joined = Self.machine { _ = $0.entered() }
    private static let handling = Self.machine {
        _ = $0.entered()
        _ = $0.start()
    }
    private static let leaving = Self.machine {
        _ = $0.entered()
        _ = $0.start()
        _ = $0.connectionEnded()
    }
    private static let ended = Self.machine { _ = $0.connectionEnded() }

    @Test(arguments: [
        (Self.outside, true), (Self.joined, false), (Self.handling, false), (Self.leaving, false), (Self.ended, false),
    ])
    func entersOnceAndNotAfterTheEndOfTheConnection(before: MemberMachine, enters: Bool) {
        var machine = before
        #expect(machine.entered() == enters)
        #expect(machine.isJoined == (enters || before.isJoined))
    }

    @Test(arguments: [
        (Self.outside, MemberMachine.EndAction.leave), (Self.joined, .leave), (Self.handling, .leaveAfterHandler),
        (Self.leaving, .nothing), (Self.ended, .nothing),
    ])
    func leavesWhenItsHandlerHasFinished(before: MemberMachine, action: MemberMachine.EndAction) {
        var machine = before
        #expect(machine.connectionEnded() == action)
        #expect(machine.hasEnded)
        #expect(machine.isJoined == before.isJoined)
        machine.exited()
        #expect(machine.hasEnded && !machine.isJoined)
        #expect(machine.entered() == false)
    }

    @Test func canEnterAgainAfterItLeft() {
        var machine = Self.joined
        machine.exited()
        #expect(!machine.isJoined && !machine.hasEnded)
        #expect(machine.entered() == true)
    }

    @Test(arguments: [Self.outside, Self.joined, Self.handling, Self.leaving, Self.ended])
    func getsNothingMoreAfterATransfer(before: MemberMachine) {
        var machine = before
        machine.transferred()
        #expect(machine.hasEnded)
        #expect(machine.isJoined == before.isJoined)
    }

    @Test func startsOnePieceOfWorkAtATime() {
        var machine = Self.joined
        #expect(machine.start() == true)
        #expect(machine.start() == false)
        // It finishes in the call that started it, which starts the next.
        #expect(machine.workFinished() == false)
        #expect(machine.start() == false)
        #expect(machine.canStartNext)
        machine.startNext()
        #expect(!machine.canStartNext)
        // The next one suspends: the call returns, and its end starts what waits.
        machine.callReturned()
        #expect(machine.start() == false)
        #expect(machine.workFinished() == true)
        #expect(machine.canStartNext)
        machine.callReturned()
        #expect(machine.start() == true)
    }

    @Test func ignoresASecondEndOfTheSameWork() {
        var machine = Self.joined
        #expect(machine.start() == true)
        #expect(machine.workFinished() == false)
        #expect(machine.workFinished() == false)
        machine.callReturned()
        #expect(machine.workFinished() == false)
        #expect(machine.start() == true)
    }

    @Test func receivesFromItsJoinOn() {
        var reception = MemberReception()
        #expect(!reception.includes(.max))
        #expect(reception.isNew(to: 0))
        reception.begin(at: 5)
        reception.start(on: 0)
        #expect(!reception.includes(4))
        #expect(reception.includes(5))
        #expect(!reception.isNew(to: 0))
        #expect(reception.isNew(to: 1))
        reception.replay()
        #expect(reception.isNew(to: 0))
        reception.stop()
        #expect(!reception.includes(5))
    }
}
