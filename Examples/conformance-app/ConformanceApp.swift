@main
struct ConformanceApp {
    static func main() {
        print("conformance-app")
    }
}
