@main
struct PondServerCommand {
    static func main() {
        print("pond-server")
    }
}
