@main
struct PondBenchCommand {
    static func main() {
        print("pond-bench")
    }
}
