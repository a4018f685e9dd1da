/// The conversions and hashes of the user's attributes that one evaluation has computed, so that none is computed
/// twice.
///
/// Those that are cheap are not stored, so that common evaluations allocate nothing.
struct UserMemory {
    var work = EvaluationWork()

    private var lastDigest: (key: DigestKey, digest: Digest)?
    /// All collections in one object, nil until one is needed, because every reference costs a release per evaluation.
    private var collections: Collections?

    private final class Collections {
        var forms: [AttributePlace: AttributeForms] = [:]
        var digests: [DigestKey: Digest] = [:]
    }

    /// Strings up to this length are parsed again rather than stored in parsed form.
    private static let shortText = 64
    /// Up to this number of bytes, hashing again is as fast as looking up a stored hash.
    private static let shortHash = 512
    private static let maximumDigests = 2048

    // MARK: - Conversions

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

    /// Returns the attribute as a string, for text comparators and percentage options.
    mutating func text(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> String {
        guard case .stringArray = attribute else { return attribute.text }
        return remembered(\.text, at: place) { attribute.text }
    }

    /// Returns the attribute as a number, for number comparators; nil if it is not a number.
    mutating func number(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> Double? {
        guard case .string(let text) = attribute else { return attribute.number }
        work.add(Self.shortText)
        guard text.utf8.count > Self.shortText else { return attribute.number }
        return remembered(\.number, at: place) { attribute.number }
    }

    /// Returns the attribute in seconds since 1970, for date comparators; nil if it is neither a date nor a number.
    mutating func seconds(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> Double? {
        if case .date = attribute { return attribute.seconds }
        return number(of: attribute, at: place)
    }

    /// Returns the attribute as an array, for array comparators; nil if it is not an array of strings.
    mutating func strings(of attribute: ConfigCatUser.AttributeValue, at place: AttributePlace) -> [String]? {
        guard case .string = attribute else { return attribute.strings }
        return remembered(\.strings, at: place) { attribute.strings }
    }

    /// Returns the attribute as a version, for semver comparators.
    mutating func version(of text: UnsafeBufferPointer<UInt8>, at place: AttributePlace) -> AttributeVersion {
        work.add(Self.shortText)
        guard text.count > Self.shortText else { return AttributeVersion(text) }
        return remembered(\.version, at: place) { AttributeVersion(text) }
    }

    /// Returns a hash of the string's bytes.
    @inline(__always)
    mutating func fingerprint(of text: UnsafeBufferPointer<UInt8>, at place: AttributePlace, seed: UInt64) -> UInt32 {
        guard text.count > Self.shortText else { return ByteHash.hash(text, seed: seed) }
        return remembered(\.fingerprint, at: place) { ByteHash.hash(text, seed: seed) }
    }

    /// Returns a hash of each element's bytes.
    mutating func fingerprints(of strings: [String], at place: AttributePlace, seed: UInt64) -> [UInt32] {
        remembered(\.fingerprints, at: place) { strings.map { $0.withBytes { ByteHash.hash($0, seed: seed) } } }
    }

    // MARK: - Digests

    /// Returns the hash of a part of an attribute, followed by a salt and a context. If the work is exceeded, which
    /// ends the evaluation, the digest is arbitrary.
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

/// The conversions of one attribute that are expensive: nil until they are needed.
struct AttributeForms {
    var text: String?
    var number: Double??
    var strings: [String]??
    var version: AttributeVersion?
    var fingerprint: UInt32?
    var fingerprints: [UInt32]?
}

/// An attribute that is read as a version.
struct AttributeVersion {
    /// The version; nil if the attribute is not a version.
    var version: SemanticVersion?
    /// The range of the version in the attribute, without the white space around it.
    var range: Range<Int>

    init(_ text: UnsafeBufferPointer<UInt8>) {
        range = Whitespace.trimmedRange(of: text)
        version = SemanticVersion(UnsafeBufferPointer(rebasing: text[range]))
    }
}

/// The inputs of a salted digest.
struct DigestKey: Hashable {
    var place: AttributePlace
    /// The number of the array's element, from 1; 0 for the attribute as a string.
    var element = 0
    /// The number of bytes of the string that are hashed.
    var length: Int
    /// Whether the last bytes of the string are hashed rather than the first.
    var isEnd = false
    var salt: ArrayRange
    var context: ArrayRange
}
