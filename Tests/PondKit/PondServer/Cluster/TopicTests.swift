import Testing

@testable import PondServer

@Suite struct TopicTests {
    @Test func topicsHaveTheNamesOfTheOtherRuntimes() {
        let topics = ClusterTopics()
        #expect(topics.channel("/chat/1", endpoint: "/api/socket") == "pondsocket:v1:default:api/socket:/chat/1")
        #expect(topics.channel("/chat/1", endpoint: "api/socket") == "pondsocket:v1:default:api/socket:/chat/1")
        #expect(topics.heartbeat == "pondsocket:v1:default:__heartbeat__")
        let others = ClusterTopics(prefix: "p", namespace: "n")
        #expect(others.channel("c", endpoint: "//e") == "p:v1:n:/e:c")
        #expect(others.heartbeat == "p:v1:n:__heartbeat__")
    }

    @Test func aPatternMatchesItsTopicAndNoOther() {
        let table: [(pattern: String, topic: String, matches: Bool)] = [
            ("a:b", "a:b", true),
            ("a:b", "a:bc", false),
            ("a:b", "a", false),
            ("a:b.*", "a:b", true),
            ("a:b.*", "a:bc", true),
            ("a:b.*", "a:b:c", true),
            ("a:b.*", "a:", false),
            (".*", ".*", true),
            (".*", "a", false),
            ("a*", "ab", false),
        ]
        for row in table {
            #expect(TopicPattern(row.pattern).matches(row.topic) == row.matches, "\(row)")
        }
    }

    @Test func aGlobTakesWildcardsInNamesLiterally() {
        #expect(TopicPattern("p:v1:n:e:/chat/[1]*?\\^").glob == "p:v1:n:e:/chat/\\[1\\]\\*\\?\\\\\\^")
        #expect(TopicPattern("a*:b.*").glob == "a\\*:b*")
    }
}
