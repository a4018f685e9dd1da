import ConfigCatCache
import Testing

@Suite("Cache entry")
struct CacheEntryTests {
    @Test("the key is the one that all SDKs use")
    func keys() {
        let first = "configcat-sdk-1/TEST_KEY-0123456789012/1234567890123456789012"
        let second = "configcat-sdk-1/TEST_KEY2-123456789012/1234567890123456789012"
        #expect(CacheKey.key(forSDKKey: first) == "f83ba5d45bceb4bb704410f51b704fb6dfa19942")
        #expect(CacheKey.key(forSDKKey: second) == "da7bfd8662209c8ed3f9db96daed4f8d91ba5876")
    }

    @Test("an entry is read as it was written, whatever the config contains")
    func roundTrip() throws {
        let entry = CacheEntry(fetchTime: 1_700_000_000_000, eTag: "W/\"a\"", configJSON: "{\n\"f\": {}\n}\n")
        #expect(entry.serialized == "1700000000000\nW/\"a\"\n{\n\"f\": {}\n}\n")
        #expect(try CacheEntry(serialized: entry.serialized) == entry)
    }

    @Test(
        "fetch times in the forms of other SDKs are accepted",
        arguments: [("1700000000000.5", 1_700_000_000_000), ("1.7e12", 1_700_000_000_000), ("-5", -5), ("0", 0)]
            as [(String, Int64)])
    func fetchTimes(_ text: String, time: Int64) throws {
        #expect(try CacheEntry(serialized: "\(text)\n\n{}") == CacheEntry(fetchTime: time, eTag: "", configJSON: "{}"))
    }

    @Test(
        "a string that is not an entry is refused",
        arguments: [
            "", "1", "1\n2", "x\n\n{}", "\n\n{}", "nan\n\n{}", "1e400\n\n{}", "inf\n\n{}", "0x10\n\n{}", "0x1p4\n\n{}",
        ])
    func invalid(_ text: String) {
        #expect(throws: CacheEntryError.self) { try CacheEntry(serialized: text) }
    }
}
