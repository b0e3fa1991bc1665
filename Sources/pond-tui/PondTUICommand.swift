@main
struct PondTUICommand {
    static func main() {
        print("pond-tui")
    }
}
