import ArgumentParser

@main
struct Generate: ParsableCommand {}
