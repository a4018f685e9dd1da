import Testing

@testable import ConfigCatEvaluation

@Suite("Growing tables")
struct GrowingTableTests {
    @Test("a table has the elements that were appended, in order")
    func elements() {
        var table = GrowingTable<Int>()
        for number in 0..<1000 { table.append(number) }
        [1000, 1001].withUnsafeBufferPointer { table.append(contentsOf: $0) }
        table[3] = -3
        let finished = table.finish()
        defer { finished.deallocate() }
        #expect(finished.indices == 0..<1002)
        #expect(finished.indices.allSatisfy { finished[$0] == ($0 == 3 ? -3 : $0) })
    }

    @Test("a truncated table is filled again")
    func truncation() {
        var table = GrowingTable<UInt8>()
        table.append(copying: [1, 2, 3])
        table.truncate(to: 1)
        table.append(copying: AnySequence([4, 5]))
        let finished = table.finish()
        defer { finished.deallocate() }
        #expect(Array(finished[0..<3]) == [1, 4, 5])
    }

    @Test("an empty table has no memory to free")
    func empty() {
        var table = GrowingTable<UInt64>()
        table.append(contentsOf: UnsafeBufferPointer(start: nil, count: 0))
        let finished = table.finish()
        defer { finished.deallocate() }
        #expect(finished.count == 0)
        #expect(finished[0..<0].isEmpty)
    }
}
