import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The headers with which ConfigCat signs a webhook: https://configcat.com/docs/advanced/notifications-webhooks
///
/// A signature is the HMAC-SHA256, in Base64, of the ID, the timestamp and the body, one after the other. While a key is
/// rotated, there is a signature for each of two keys, separated by a comma.
struct WebhookSignature: Sendable {
    static let signatureHeader = "X-ConfigCat-Webhook-Signature-V1"
    static let idHeader = "X-ConfigCat-Webhook-ID"
    static let timestampHeader = "X-ConfigCat-Webhook-Timestamp"

    /// The number of seconds for which a webhook is valid, before and after its timestamp.
    static let validity: Int64 = 300

    /// The greatest length of an ID in bytes. ConfigCat's are UUIDs.
    static let maximumIDLength = 256

    /// The number of signatures that are compared. ConfigCat sends at most two.
    static let maximumSignatures = 8

    /// The reason to refuse a webhook.
    enum Refusal: Error, Equatable {
        case missingHeader(String)
        case idTooLong
        case invalidTimestamp
        case outsideValidity
        case wrongSignature
        case replayed
        case tooManyWebhooks

        /// The reason in words, without anything that the sender wrote.
        var message: String {
            switch self {
            case .missingHeader(let name): "The header \(name) is missing."
            case .idTooLong: "The header \(idHeader) has more than \(maximumIDLength) bytes."
            case .invalidTimestamp: "The header \(timestampHeader) is not a Unix time in seconds."
            case .outsideValidity: "The webhook's timestamp differs from this server's time by more than \(validity) s."
            case .wrongSignature: "No signature of the webhook is that of a configured key."
            case .replayed: "A webhook with this ID was already received."
            case .tooManyWebhooks: "Too many webhooks were received within a few minutes."
            }
        }
    }

    /// What identifies the webhook.
    let id: String
    /// The Unix time in seconds at which the webhook was sent.
    let time: Int64

    private let timestamp: String
    private let signatures: [Data]

    /// Creates a signature from the values of the headers.
    ///
    /// - Parameters:
    ///   - id: The value of ``idHeader``.
    ///   - timestamp: The value of ``timestampHeader``.
    ///   - signatures: The value of ``signatureHeader``. What is not Base64 is ignored.
    /// - Throws: ``Refusal`` if a header is missing or invalid.
    init(id: String?, timestamp: String?, signatures: String?) throws(Refusal) {
        guard let id, !id.isEmpty else { throw .missingHeader(Self.idHeader) }
        guard let timestamp, !timestamp.isEmpty else { throw .missingHeader(Self.timestampHeader) }
        guard let signatures, !signatures.isEmpty else { throw .missingHeader(Self.signatureHeader) }
        guard id.utf8.count <= Self.maximumIDLength else { throw .idTooLong }
        // Nothing separates what is signed: the zero at the end of an ID could be moved to the front of the timestamp, to
        // send the same webhook again under another ID. So a time has only one form.
        guard let time = Int64(timestamp), time >= 0, Array(String(time).utf8) == Array(timestamp.utf8) else {
            throw .invalidTimestamp
        }
        self.id = id
        self.time = time
        self.timestamp = timestamp
        self.signatures = signatures.split(separator: ",", maxSplits: Self.maximumSignatures)
            .prefix(Self.maximumSignatures)
            .compactMap { Data(base64Encoded: String($0.filter { $0 != " " })) }
    }

    /// Checks that the webhook was signed with one of several keys, and recently.
    ///
    /// Each signature is compared in constant time, and all of them with all keys, so that the time that it takes does
    /// not depend on them.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - keys: The keys; with none, nothing is accepted.
    ///   - now: The present Unix time in seconds.
    /// - Throws: ``Refusal`` if the webhook is not valid.
    func check(body: some Sequence<UInt8>, keys: [String], now: Int64) throws(Refusal) {
        let (difference, overflow) = now.subtractingReportingOverflow(time)
        guard !overflow, difference.magnitude <= Self.validity else { throw .outsideValidity }
        let signed = Data(id.utf8) + Data(timestamp.utf8) + Data(body)
        var isValid = false
        for key in keys where !key.isEmpty {
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Data(key.utf8)))
            for signature in signatures {
                // Comparing a code with data is constant-time in swift-crypto.
                let isEqual = code == signature
                isValid = isValid || isEqual
            }
        }
        guard isValid else { throw .wrongSignature }
    }
}

/// The IDs of webhooks that were accepted, for as long as their timestamps are valid, so that none is accepted twice.
struct WebhookReplays: Sendable {
    /// The greatest number of IDs that are remembered.
    let capacity: Int
    /// When the timestamp of each webhook stops being valid, by ID.
    private var ends: [String: Int64] = [:]

    init(capacity: Int = 10_000) { self.capacity = capacity }

    /// The number of IDs that are remembered.
    var count: Int { ends.count }

    /// Remembers a webhook whose signature is valid.
    ///
    /// If there are too many, none is forgotten to make room for the new one, which could then be sent again: it is
    /// refused. The client still polls.
    ///
    /// - Parameters:
    ///   - signature: The signature.
    ///   - now: The present Unix time in seconds.
    /// - Throws: ``WebhookSignature/Refusal`` if the ID is known, or too many are.
    mutating func accept(_ signature: WebhookSignature, now: Int64) throws(WebhookSignature.Refusal) {
        ends = ends.filter { $0.value >= now }
        guard ends[signature.id] == nil else { throw .replayed }
        guard ends.count < capacity else { throw .tooManyWebhooks }
        let (end, overflow) = signature.time.addingReportingOverflow(WebhookSignature.validity)
        ends[signature.id] = overflow ? .max : end
    }

    /// Forgets a webhook that was accepted but had no effect, so that it can be sent again.
    mutating func forget(_ signature: WebhookSignature) { ends[signature.id] = nil }
}
