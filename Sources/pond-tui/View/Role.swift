/// What a piece of the screen is for; a theme says how that looks.
enum Role: String, CaseIterable, Sendable {
    case text
    case bar
    case barStrong
    case good
    case waiting
    case bad
    case heading
    case frame
    case time
    case mark
    case ownName
    case ownText
    case queued
    case notice
    case mention
    case link
    case dayLine
    case unreadLine
    case unread
    case current
    case away
    case stale
    case prompt
    case popup
    case popupSelected
    case searchHit
    case quote
}
