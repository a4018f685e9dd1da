import Metrics
import Testing

@testable import ConfigCatServing

@Suite("Metrics as text")
struct TextMetricsTests {
    @Test("each kind of metric has its lines, sorted by name and labels")
    func kinds() {
        let metrics = TextMetrics()
        let counter = metrics.makeCounter(label: "a.requests", dimensions: [("route", "/b")])
        counter.increment(by: Int64(2))
        metrics.makeCounter(label: "a.requests", dimensions: [("route", "/a")]).increment(by: 1)
        counter.increment(by: Int64(3))
        metrics.makeFloatingPointCounter(label: "cost", dimensions: []).increment(by: 0.25)
        let meter = metrics.makeMeter(label: "open", dimensions: [])
        meter.set(Int64(5))
        meter.decrement(by: 1.5)
        metrics.makeRecorder(label: "age", dimensions: [], aggregate: false).record(7.0)
        let recorder = metrics.makeRecorder(label: "size", dimensions: [], aggregate: true)
        recorder.record(Int64(10))
        recorder.record(2.5)
        let expected = """
            # HELP a_requests_total a.requests, from swift-metrics
            # TYPE a_requests_total counter
            a_requests_total{route="/a"} 1
            a_requests_total{route="/b"} 5
            # HELP age age, from swift-metrics
            # TYPE age gauge
            age 7
            # HELP cost_total cost, from swift-metrics
            # TYPE cost_total counter
            cost_total 0.25
            # HELP open open, from swift-metrics
            # TYPE open gauge
            open 3.5
            # HELP size size, from swift-metrics
            # TYPE size summary
            size_sum 12.5
            size_count 2

            """
        #expect(metrics.text == expected)
    }

    @Test("a timer is a histogram in seconds with cumulative buckets")
    func timer() {
        let metrics = TextMetrics()
        let timer = metrics.makeTimer(label: "wait", dimensions: [("a", "b")])
        for milliseconds in [1, 2, 40, 20_000] as [Int64] { timer.recordNanoseconds(milliseconds * 1_000_000) }
        let lines = metrics.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("# TYPE wait_seconds histogram"))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="0.0005"} 0"#))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="0.001"} 1"#))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="0.05"} 3"#))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="10"} 3"#))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="+Inf"} 4"#))
        #expect(lines.contains(#"wait_seconds_sum{a="b"} 20.043"#))
        #expect(lines.contains(#"wait_seconds_count{a="b"} 4"#))
    }

    @Test("names and values that Prometheus does not allow are changed or escaped")
    func escaping() {
        let metrics = TextMetrics()
        metrics.makeCounter(
            label: "1é\u{301}-x\n\\",
            dimensions: [
                ("le", "a\\b\"c\nd"), ("__name__", "x"), ("a-b", "1"), ("a.b", "2"), ("", "3"), ("9", "é"),
            ]
        ).increment(by: 1)
        let lines = metrics.text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "# HELP _1___x___total 1é\u{301}-x\\n\\\\, from swift-metrics")
        #expect(
            lines[2]
                == #"_1___x___total{_="3",_9="é",a_b="1",a_b_="2",label__name__="x",le_="a\\b\"c\nd"} 1"#)
        #expect(lines.count == 3)
    }

    @Test("numbers that are not finite are written in Prometheus' form")
    func numbers() {
        #expect(
            [1.0, -0.5, .infinity, -.infinity, .nan, 1e300, 9e15].map(MetricText.number)
                == ["1", "-0.5", "+Inf", "-Inf", "NaN", "1e+300", "9000000000000000"])
    }

    @Test("handlers with the same label and dimensions, in any order, share a series; destroying it removes it")
    func sharing() {
        let metrics = TextMetrics()
        let first = metrics.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")])
        metrics.makeCounter(label: "a", dimensions: [("y", "2"), ("x", "1")]).increment(by: Int64(2))
        first.increment(by: Int64(1))
        #expect(metrics.text.contains(#"a_total{x="1",y="2"} 3"#))
        first.reset()
        #expect(metrics.text.contains(#"a_total{x="1",y="2"} 0"#))
        metrics.destroyCounter(first)
        #expect(metrics.text.isEmpty)
        // The handler can still be used, and a new one begins at 0.
        first.increment(by: Int64(1))
        metrics.makeCounter(label: "a", dimensions: [("x", "1"), ("y", "2")]).increment(by: Int64(5))
        metrics.destroyCounter(first)
        #expect(metrics.text.contains(#"a_total{x="1",y="2"} 5"#))
    }

    @Test("a metric without a value has no lines, except a counter, which is 0")
    func unset() {
        let metrics = TextMetrics()
        _ = metrics.makeMeter(label: "meter", dimensions: [])
        _ = metrics.makeRecorder(label: "gauge", dimensions: [], aggregate: false)
        #expect(metrics.text.isEmpty)
        _ = metrics.makeCounter(label: "counter", dimensions: [])
        #expect(metrics.text.contains("counter_total 0\n"))
    }

    @Test("metrics of different kinds with one name get different names")
    func collisions() {
        let metrics = TextMetrics()
        metrics.makeMeter(label: "a", dimensions: []).set(Int64(1))
        metrics.makeRecorder(label: "a", dimensions: [], aggregate: true).record(2.0)
        // This one would look like the sum of a summary.
        metrics.makeRecorder(label: "b", dimensions: [], aggregate: true).record(3.0)
        metrics.makeMeter(label: "b.sum", dimensions: []).set(Int64(4))
        metrics.makeMeter(label: "c_total", dimensions: []).set(Int64(5))
        metrics.makeCounter(label: "c", dimensions: []).increment(by: Int64(6))
        metrics.makeCounter(label: "a_b", dimensions: []).increment(by: Int64(7))
        metrics.makeCounter(label: "a.b", dimensions: []).increment(by: Int64(8))
        let lines = metrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
        #expect(
            lines == [
                "a 1", "a_b_total 15", "a_summary_sum 2", "a_summary_count 1", "b_sum 3", "b_count 1", "b_sum_gauge 4",
                "c_total 5", "c_total_counter 6",
            ])
        let types = metrics.text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(Set(types.map { $0.split(separator: " ")[2] }).count == types.count)
    }

    @Test("counters only grow")
    func monotonic() {
        let metrics = TextMetrics()
        let counter = metrics.makeCounter(label: "a", dimensions: [])
        counter.increment(by: Int64(1) << 62)
        counter.increment(by: Int64(1) << 62)
        counter.increment(by: Int64(-5))
        let fraction = metrics.makeFloatingPointCounter(label: "b", dimensions: [])
        for amount in [0.5, -1, .nan, .infinity] { fraction.increment(by: amount) }
        #expect(metrics.text.contains("a_total 9.223372036854776e+18\n"))
        #expect(metrics.text.contains("b_total 0.5\n"))
    }

    @Test("the number of series is limited, and what exists goes on")
    func limit() {
        let metrics = TextMetrics()
        let first = metrics.makeCounter(label: "a", dimensions: [("n", "-1")])
        for number in 0..<(TextMetrics.maximumSeries + 100) {
            metrics.makeCounter(label: "a", dimensions: [("n", "\(number)")]).increment(by: Int64(1))
        }
        metrics.makeMeter(label: "new", dimensions: []).set(Int64(1))
        first.increment(by: Int64(9))
        let lines = metrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == TextMetrics.maximumSeries)
        #expect(lines.contains(#"a_total{n="-1"} 9"#))
    }

    @Test("metrics are recorded and written at the same time")
    func concurrency() async {
        let metrics = TextMetrics()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        metrics.makeCounter(label: "a", dimensions: []).increment(by: Int64(1))
                        metrics.makeTimer(label: "t\(task % 2)", dimensions: []).recordNanoseconds(1)
                        if task == 0 { _ = metrics.text }
                    }
                }
            }
        }
        #expect(metrics.text.contains("a_total 4000\n"))
        #expect(metrics.text.contains("t0_seconds_count 2000\n"))
    }
}
