public import PondKit

/// What the chat refuses, and the words and codes it does so with.
public enum ChatError {
    /// 400: nothing is left of the text.
    public static let emptyText = PondError.badRequest("the message is empty")

    /// 413: the text has too many characters.
    public static func textTooLong(_ limit: Int) -> PondError {
        PondError(code: 413, kind: .tooLarge, message: "a message has at most \(limit) characters")
    }

    /// 413: the text has too many lines.
    public static func tooManyLines(_ limit: Int) -> PondError {
        PondError(code: 413, kind: .tooLarge, message: "a message has at most \(limit) lines")
    }

    /// 413: a topic, status or reason is too long.
    public static func lineTooLong(_ what: String, _ limit: Int) -> PondError {
        PondError(code: 413, kind: .tooLarge, message: "\(what) has at most \(limit) characters")
    }

    /// 409: somebody else has the name, or one that looks like it.
    public static func nameTaken(_ name: UserName) -> PondError {
        .conflict("the name \(name.text) is taken, or looks like one that is")
    }

    /// 403: the name is not for people.
    public static func nameReserved(_ name: UserName) -> PondError {
        .forbidden("the name \(name.text) is reserved")
    }

    /// 401: the name has a password and it was not given.
    public static func passwordNeeded(_ name: UserName) -> PondError {
        .unauthorized("the name \(name.text) is claimed: identify with its password first")
    }

    /// 403: a name that has a password gets another one only with the present one.
    public static func presentPasswordNeeded(_ name: UserName) -> PondError {
        .forbidden("the name \(name.text) has a password: changing it takes the present one as well")
    }

    /// 401: the password is wrong.
    public static let wrongPassword = PondError.unauthorized("wrong name or password")

    /// 403: the user is banned, for ever when `until` is `nil`.
    public static func banned(until: ChatTime?, reason: String?) -> PondError {
        .forbidden("banned" + (until == nil ? "" : " for now") + (reason.map { ": \($0)" } ?? ""))
    }

    /// 403: the user may read but not write for now.
    public static func muted(secondsLeft: Double?) -> PondError {
        var error = PondError.forbidden("you are muted here")
        error.retryAfter = secondsLeft
        error.temporary = secondsLeft != nil
        return error
    }

    /// 429: the room is in slow mode.
    public static func slowMode(retryAfter seconds: Double) -> PondError {
        .rateLimited("this room is in slow mode", retryAfter: seconds)
    }

    /// 403: the role does not suffice.
    public static func needs(_ role: ChatRole) -> PondError {
        .forbidden("only a\(role == .user ? "" : role == .admin ? "n" : "") \(role.rawValue) may do that")
    }

    /// 404: there is no such message in this channel.
    public static func noSuchMessage(_ id: MessageID) -> PondError {
        .notFound("no message \(id.text) here")
    }

    /// 404: nobody of that name is known.
    public static func noSuchUser(_ name: UserName) -> PondError {
        .notFound("nobody called \(name.text) is known here")
    }

    /// 409: another message of this channel has the id already.
    public static let messageIDTaken = PondError.conflict("another message has this id")

    /// 503: the message could not be stored; the same attempt may succeed later.
    public static func notStored(_ cause: String) -> PondError {
        var error = PondError.unavailable("the message could not be stored; try again later")
        error.underlying = cause
        return error
    }
}
