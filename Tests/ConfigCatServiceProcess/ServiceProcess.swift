import ConfigCat

@main
struct ServiceProcess {
    static func main() {}
}
