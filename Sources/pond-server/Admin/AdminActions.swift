import PondChat
import PondKit

/// Does what an operator asks.
struct AdminActions: Sendable {
    let chat: ChatServer

    func answer(_ request: AdminRequest, _ output: AdminOutput) async {
        guard let verb = AdminVerb(rawValue: request.command) else { return output.fail("there is no such command") }
        do throws(PondError) {
            try await self.act(verb, request, output)
            self.chat.log.info("admin", ("command", .string(verb.rawValue)))
        } catch {
            output.fail(error.underlying.map { "\(error.message) (\($0))" } ?? error.message)
        }
    }

    private func act(_ verb: AdminVerb, _ request: AdminRequest, _ output: AdminOutput) async throws(PondError) {
        switch verb {
        case .stats: try await self.statistics(output)
        case .users: try await self.users(output)
        case .rooms: self.rooms(output)
        case .connections: self.connections(output)
        case .bans: self.bans(output)
        case .ban: try await self.ban(request, output)
        case .unban: try await self.unban(request, output)
        case .banAddress: try await self.banAddress(request, output)
        case .unbanAddress: try await self.unbanAddress(request, output)
        case .kick: try await self.kick(request, output)
        case .role: try await self.role(request, output)
        case .topic: try await self.topic(request, output)
        case .forget: try await self.forget(request, output)
        case .release: try await self.release(request, output)
        case .erase: try await self.erase(request, output)
        case .revoke: try await self.revoke(request, output)
        case .token: try await self.token(request, output)
        case .announce: try await self.announce(request, output)
        case .export: try await self.export(request, output)
        case .backup: try await self.backup(request, output)
        case .check: try await self.check(output)
        case .doctor: try await self.doctor(output)
        case .trustClock: try await self.trustClock(output)
        }
    }

    // What the arguments say

    func name(_ request: AdminRequest, _ index: Int = 0) throws(PondError) -> UserName {
        guard request.arguments.indices.contains(index) else { throw .badRequest("a user's name is missing") }
        return try UserName(request.arguments[index])
    }

    func room(_ request: AdminRequest, _ index: Int = 0) throws(PondError) -> RoomName {
        guard request.arguments.indices.contains(index) else { throw .badRequest("a room's name is missing") }
        let text = request.arguments[index]
        // As it stands in lists.
        return try RoomName(text.hasPrefix("#") ? String(text.dropFirst()) : text)
    }

    func optionalRoom(_ request: AdminRequest, _ index: Int) throws(PondError) -> ChatChannel? {
        request.arguments.indices.contains(index) ? .lobby(try self.room(request, index)) : nil
    }

    func range(_ request: AdminRequest) throws(PondError) -> AddressRange {
        guard let text = request.arguments.first, let range = AddressRange(text) else {
            throw .badRequest("an address is missing, such as 203.0.113.5 or 203.0.113.0/24")
        }
        return range
    }

    func seconds(_ request: AdminRequest) throws(PondError) -> Int? {
        guard let text = request.options["seconds"] else { return nil }
        guard let seconds = Int(text), (1...315_360_000).contains(seconds) else {
            throw .badRequest("seconds: a whole number from 1")
        }
        return seconds
    }

    func role(named text: String?) throws(PondError) -> ChatRole? {
        guard let text else { return nil }
        guard let role = ChatRole(rawValue: text) else { throw .badRequest("a role is user, moderator or admin") }
        return role
    }
}
