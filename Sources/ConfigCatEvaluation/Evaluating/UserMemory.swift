/// What one evaluation remembers of the user's attributes, so that no form of them is made twice.
///
/// What is cheap to make again is not remembered, so that common evaluations allocate nothing.
struct UserMemory {
    var work = EvaluationWork()

    private var lastDigest: (key: DigestKey, digest: Digest)?
    /// One reference for all collections, nil until one is needed: each is released after each evaluation.
    private var collections: Collections?

    private final class Collections {
        var forms: [AttributePlace: AttributeForms] = [:]
        var digests: [DigestKey: Digest] = [:]
    }

    /// Texts up to this length are parsed again rather than remembered.
    private static let shortText = 64
    /// Where less is hashed, hashing again costs no more than remembering.
    private static let shortHash = 512
    private static let maximumDigests = 2048

    // MARK: - Forms

    private mutating func neededCollections() -> Collections {
        let needed = collections ?? Collections()
        collections = needed
        return needed
    }

    private mutating func remembered<Form>(
        _ form: WritableKeyPath<AttributeForms, Form?>, at place: AttributePlace, _ make: () -> Form
    ) -> Form {
        let collections = neededCollections()
        if let known = collections.forms[place]?[keyPath: form] { return known }
        let made = make()
        collections.forms[place, default: AttributeForms()][keyPath: form] = made
        return made
    }

    /// The attribute as text comparators and percentage options see it.
    mutating func text(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> String {
        guard case .stringArray = attribute else { return attribute.text }
        return remembered(\.text, at: place) { attribute.text }
    }

    /// The attribute as number comparators see it; nil if it is not a number.
    mutating func number(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> Double? {
        guard case .string(let text) = attribute else { return attribute.number }
        work.add(Self.shortText)
        guard text.utf8.count > Self.shortText else { return attribute.number }
        return remembered(\.number, at: place) { attribute.number }
    }

    /// The attribute as date comparators see it, in seconds since 1970; nil if it is not a date.
    mutating func seconds(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> Double? {
        if case .date = attribute { return attribute.seconds }
        return number(of: attribute, at: place)
    }

    /// The attribute as array comparators see it; nil if it is not an array of strings.
    mutating func strings(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> [String]? {
        guard case .string = attribute else { return attribute.strings }
        return remembered(\.strings, at: place) { attribute.strings }
    }

    /// The attribute as semver comparators see it.
    mutating func version(of text: UnsafeBufferPointer<UInt8>, at place: AttributePlace) -> AttributeVersion {
        work.add(Self.shortText)
        guard text.count > Self.shortText else { return AttributeVersion(text) }
        return remembered(\.version, at: place) { AttributeVersion(text) }
    }

    /// A hash of the text's bytes.
    @inline(__always)
    mutating func fingerprint(of text: UnsafeBufferPointer<UInt8>, at place: AttributePlace, seed: UInt64) -> UInt32 {
        guard text.count > Self.shortText else { return ByteHash.hash(text, seed: seed) }
        return remembered(\.fingerprint, at: place) { ByteHash.hash(text, seed: seed) }
    }

    /// A hash of each element's bytes.
    mutating func fingerprints(of strings: [String], at place: AttributePlace, seed: UInt64) -> [UInt32] {
        remembered(\.fingerprints, at: place) { strings.map { $0.withBytes { ByteHash.hash($0, seed: seed) } } }
    }

    // MARK: - Digests

    /// The hash of a part of an attribute behind which a salt and a context are appended. Any digest if the work is
    /// exceeded, which ends the evaluation.
    mutating func digest(
        of part: UnsafeBufferPointer<UInt8>, _ key: DigestKey, in pool: UnsafeTable<UInt8>
    ) -> Digest {
        if let lastDigest, lastDigest.key == key { return lastDigest.digest }
        let byteCount = part.count + Int(key.salt.count) + Int(key.context.count)
        let isRemembered = byteCount > Self.shortHash || key.element > 1
        if isRemembered, let known = collections?.digests[key] { return known }
        work.add(EvaluationWork.stepsOfHashing(byteCount))
        if work.isExceeded { return Digest() }
        let digest = Digest.sha256(
            UnsafeRawBufferPointer(part), salt: UnsafeRawBufferPointer(pool[key.salt.range]),
            context: UnsafeRawBufferPointer(pool[key.context.range]))
        lastDigest = (key, digest)
        if isRemembered {
            let collections = neededCollections()
            if collections.digests.count < Self.maximumDigests { collections.digests[key] = digest }
        }
        return digest
    }
}

/// The forms of one attribute that are expensive to make: nil until they are asked for.
struct AttributeForms {
    var text: String?
    var number: Double??
    var strings: [String]??
    var version: AttributeVersion?
    var fingerprint: UInt32?
    var fingerprints: [UInt32]?
}

/// An attribute as a version: nil if it is none.
struct AttributeVersion {
    var version: SemanticVersion?
    /// Where in the attribute the version is, without white space around it.
    var range: Range<Int>

    init(_ text: UnsafeBufferPointer<UInt8>) {
        range = Whitespace.trimmedRange(of: text)
        version = SemanticVersion(UnsafeBufferPointer(rebasing: text[range]))
    }
}

/// What a salted digest is made of.
struct DigestKey: Hashable {
    var place: AttributePlace
    /// The number of the array's element, from 1; 0 for the attribute as text.
    var element = 0
    /// How many bytes of the text are hashed.
    var length: Int
    /// Whether these are its last bytes rather than its first.
    var isEnd = false
    var salt: ArrayRange
    var context: ArrayRange
}
