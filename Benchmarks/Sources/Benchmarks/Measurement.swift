import CCounters

/// The result of one benchmark.
struct Measurement {
    /// The nanoseconds per operation of each sample, in ascending order.
    var samples: [Double]
    var allocations: Double?
    var instructions: Double?

    var median: Double { samples[samples.count / 2] }
    /// Half the distance between the quartiles, in percent of the median.
    var spread: Double {
        let quarter = samples.count / 4
        return (samples[samples.count - 1 - quarter] - samples[quarter]) / 2 / median * 100
    }
}

/// Prevents the optimizer from removing or hoisting the computation of a value.
@inline(never)
@_optimize(none)
func blackHole<T>(_ value: T) {}

/// Does the same for a Bool, in a register: the generic function takes as long as some of the evaluations.
@inline(never)
@_optimize(none)
func blackHole(_ value: Bool) {}

/// Returns its argument, whose origin is hidden from the optimizer.
@inline(never)
@_optimize(none)
func opaque<T>(_ value: T) -> T { value }

/// Measures an operation in samples of about 10 ms.
func measure(samples count: Int = 31, _ operation: () -> Void) -> Measurement {
    let clock = ContinuousClock()
    func time(_ iterations: Int) -> Double {
        let elapsed = clock.measure { for _ in 0..<iterations { operation() } }
        return Double(elapsed.components.attoseconds) / 1e9 + Double(elapsed.components.seconds) * 1e9
    }
    operation()
    var iterations = 1
    while time(iterations) < 10_000_000, iterations < 1 << 24 { iterations *= 2 }
    let samples = (0..<count).map { _ in time(iterations) / Double(iterations) }.sorted()

    let rounds = max(1, min(iterations, 10_000))
    func perOperation(_ counter: () -> Int64) -> Double? {
        let before = counter()
        guard before >= 0 else { return nil }
        for _ in 0..<rounds { operation() }
        return Double(counter() - before) / Double(rounds)
    }
    return Measurement(
        samples: samples, allocations: perOperation(counters_allocations),
        instructions: perOperation(counters_instructions))
}
