import ArgumentParser
struct Convert: AsyncParsableCommand { func run() async throws {} }
