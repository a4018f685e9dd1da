import Crypto
import Foundation
import Testing

@testable import ConfigCatServing

@Suite("Webhook signatures")
struct WebhookSignatureTests {
    private static let time: Int64 = 1_700_000_000

    /// Returns a signature as ConfigCat computes it.
    private static func sign(_ id: String, _ timestamp: String, _ body: String, key: String) -> String {
        let signed = Data((id + timestamp + body).utf8)
        return Data(HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Data(key.utf8))))
            .base64EncodedString()
    }

    private static func signature(
        id: String = "a1", time: Int64 = time, body: String = "{}", keys: [String] = ["key"]
    ) throws -> WebhookSignature {
        let signatures = keys.map { sign(id, String(time), body, key: $0) }.joined(separator: ",")
        return try WebhookSignature(id: id, timestamp: String(time), signatures: signatures)
    }

    private static func refusal(_ body: () throws -> Void) -> WebhookSignature.Refusal? {
        do {
            try body()
            return nil
        } catch {
            return error as? WebhookSignature.Refusal
        }
    }

    @Test("a known signature is valid")
    func known() throws {
        // Computed with: printf '%s' 'a11700000000{}' | openssl dgst -sha256 -hmac key -binary | base64
        let signature = try WebhookSignature(
            id: "a1", timestamp: "1700000000", signatures: "DirVB1qKqZQI8qJWnZ8nbO9PYp7ZAzaI2kItHXJiJHg=")
        try signature.check(body: Array("{}".utf8), keys: ["key"], now: Self.time)
    }

    @Test("the body, the ID, the timestamp and the key have to be those of the signature")
    func everythingIsSigned() throws {
        let valid = Self.sign("a1", "1700000000", "{}", key: "key")
        func refusal(_ id: String, _ time: String, _ body: String, _ keys: [String]) -> WebhookSignature.Refusal? {
            Self.refusal {
                try WebhookSignature(id: id, timestamp: time, signatures: valid)
                    .check(body: Array(body.utf8), keys: keys, now: Self.time)
            }
        }
        #expect(refusal("a1", "1700000000", "{}", ["key"]) == nil)
        #expect(refusal("a2", "1700000000", "{}", ["key"]) == .wrongSignature)
        #expect(refusal("a1", "1700000001", "{}", ["key"]) == .wrongSignature)
        #expect(refusal("a1", "1700000000", "{ }", ["key"]) == .wrongSignature)
        #expect(refusal("a1", "1700000000", "{}", ["other"]) == .wrongSignature)
        #expect(refusal("a1", "1700000000", "{}", []) == .wrongSignature)
        #expect(refusal("a1", "1700000000", "{}", [""]) == .wrongSignature)
    }

    @Test("while a key is rotated, one of several signatures and one of several keys suffice")
    func rotation() throws {
        let both = try Self.signature(keys: ["old", "new"])
        for keys in [["old"], ["new"], ["other", "new"]] {
            try both.check(body: Array("{}".utf8), keys: keys, now: Self.time)
        }
        let spaced = try WebhookSignature(
            id: "a1", timestamp: "1700000000", signatures: "x, \(Self.sign("a1", "1700000000", "{}", key: "key")) ")
        try spaced.check(body: Array("{}".utf8), keys: ["key"], now: Self.time)
    }

    @Test(
        "a webhook is valid for 300 seconds before and after its timestamp",
        arguments: [(-301, false), (-300, true), (300, true), (301, false)] as [(Int64, Bool)])
    func validity(offset: Int64, isValid: Bool) throws {
        let signature = try Self.signature()
        let refusal = Self.refusal {
            try signature.check(body: Array("{}".utf8), keys: ["key"], now: Self.time + offset)
        }
        #expect(refusal == (isValid ? nil : .outsideValidity))
    }

    @Test(
        "a timestamp is a number of seconds",
        arguments: [
            "abc", "-1", "+1700000000", "1700000000.5", " 1700000000", "99999999999999999999", "１７", "-0",
            "01700000000",
        ])
    func timestamps(_ timestamp: String) {
        #expect(
            Self.refusal { _ = try WebhookSignature(id: "a", timestamp: timestamp, signatures: "x") }
                == .invalidTimestamp)
    }

    @Test("a webhook cannot be sent again under another ID by moving a zero from its ID to its timestamp")
    func shiftedZero() throws {
        let valid = Self.sign("a10", "1700000000", "{}", key: "key")
        try WebhookSignature(id: "a10", timestamp: "1700000000", signatures: valid)
            .check(body: Array("{}".utf8), keys: ["key"], now: Self.time)
        #expect(
            Self.refusal {
                try WebhookSignature(id: "a1", timestamp: "01700000000", signatures: valid)
                    .check(body: Array("{}".utf8), keys: ["key"], now: Self.time)
            } == .invalidTimestamp)
    }

    @Test("extreme timestamps and clocks are refused")
    func extremeTimes() throws {
        let signature = try Self.signature(time: .max)
        for now in [Int64.min, -1, 0, Self.time] {
            #expect(
                Self.refusal { try signature.check(body: [], keys: ["key"], now: now) } == .outsideValidity)
        }
        var replays = WebhookReplays()
        try replays.accept(signature, now: .max)
        #expect(replays.count == 1)
    }

    @Test("every header is needed, and the ID is limited")
    func headers() {
        typealias Signature = WebhookSignature
        for missing in [nil, ""] as [String?] {
            #expect(
                Self.refusal { _ = try Signature(id: missing, timestamp: "1", signatures: "x") }
                    == .missingHeader("X-ConfigCat-Webhook-ID"))
            #expect(
                Self.refusal { _ = try Signature(id: "a", timestamp: missing, signatures: "x") }
                    == .missingHeader("X-ConfigCat-Webhook-Timestamp"))
            #expect(
                Self.refusal { _ = try Signature(id: "a", timestamp: "1", signatures: missing) }
                    == .missingHeader("X-ConfigCat-Webhook-Signature-V1"))
        }
        let id = String(repeating: "a", count: 257)
        #expect(Self.refusal { _ = try Signature(id: id, timestamp: "1", signatures: "x") } == .idTooLong)
    }

    @Test("only the first eight signatures are compared")
    func manySignatures() throws {
        let valid = Self.sign("a1", "1700000000", "{}", key: "key")
        func check(_ preceding: Int) -> WebhookSignature.Refusal? {
            Self.refusal {
                let header = String(repeating: "eA==,", count: preceding) + valid + String(repeating: ",eA==", count: 9)
                try WebhookSignature(id: "a1", timestamp: "1700000000", signatures: header)
                    .check(body: Array("{}".utf8), keys: ["key"], now: Self.time)
            }
        }
        #expect(check(7) == nil)
        #expect(check(8) == .wrongSignature)
    }

    @Test("an ID is accepted once while its timestamp is valid, and then forgotten")
    func replays() throws {
        var replays = WebhookReplays()
        let early = try Self.signature(id: "early", time: Self.time - 200)
        let late = try Self.signature(id: "late", time: Self.time + 200)
        try replays.accept(early, now: Self.time)
        try replays.accept(late, now: Self.time)
        #expect(throws: WebhookSignature.Refusal.replayed) { try replays.accept(early, now: Self.time + 100) }
        #expect(throws: WebhookSignature.Refusal.replayed) { try replays.accept(late, now: Self.time + 500) }
        // The clock is past the validity of the first one, which the signature's own check refuses from then on.
        #expect(replays.count == 1)
        #expect(Self.refusal { try early.check(body: [], keys: ["key"], now: Self.time + 101) } == .outsideValidity)
    }

    @Test("if too many webhooks arrive, new ones are refused, and none can be replayed")
    func boundedMemory() throws {
        var replays = WebhookReplays(capacity: 3)
        for id in ["a", "b", "c"] { try replays.accept(Self.signature(id: id), now: Self.time) }
        #expect(throws: WebhookSignature.Refusal.tooManyWebhooks) {
            try replays.accept(Self.signature(id: "d"), now: Self.time)
        }
        #expect(throws: WebhookSignature.Refusal.replayed) {
            try replays.accept(Self.signature(id: "a"), now: Self.time)
        }
        try replays.accept(Self.signature(id: "d", time: Self.time + 301), now: Self.time + 301)
        #expect(replays.count == 1)
    }
}
