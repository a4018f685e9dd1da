import ArgumentParser
struct Validate: AsyncParsableCommand { func run() async throws {} }
