/// How the program ends; scripts and service managers rely on the numbers.
enum ExitCode: Int32, Sendable {
    case stopped = 0
    case failed = 1
    case configuration = 2
    case address = 3
    case dataFolder = 4
}
