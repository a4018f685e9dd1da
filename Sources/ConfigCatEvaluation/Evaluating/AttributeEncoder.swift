/// Encodes a value as attributes of a user. Unlike `JSONEncoder`, it keeps dates and numbers as they are, and limits the
/// depth.
struct AttributeEncoder: Encoder {
    let target: EncodedAttribute
    let codingPath: [any CodingKey]

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        // An object without members is an object, too.
        if target.isNil { target.content = .object([]) }
        return KeyedEncodingContainer(MemberContainer(target: target, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if target.isNil { target.content = .array([]) }
        return ElementContainer(target: target, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        ValueContainer(target: target, codingPath: codingPath)
    }
}

/// The members of an object. The generic `encode` also encodes all types that the protocol has methods for, but for
/// integers of 128 bits, whose methods have an implementation that throws.
private struct MemberContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let target: EncodedAttribute
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { _ = target.add(key.stringValue) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try target.add(key.stringValue).set(value, at: codingPath + [key])
    }

    func encode(_ value: Int128, forKey key: Key) throws {
        try target.add(key.stringValue).set(value, at: codingPath + [key])
    }

    func encode(_ value: UInt128, forKey key: Key) throws {
        try target.add(key.stringValue).set(value, at: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder(EncodedAttribute.Key("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

    private func encoder(_ key: any CodingKey) -> AttributeEncoder {
        EncodedAttribute.encoder(target.add(key.stringValue), at: codingPath + [key])
    }
}

/// The elements of an array.
private struct ElementContainer: UnkeyedEncodingContainer {
    let target: EncodedAttribute
    let codingPath: [any CodingKey]
    private(set) var count = 0

    init(target: EncodedAttribute, codingPath: [any CodingKey]) {
        self.target = target
        self.codingPath = codingPath
    }

    mutating func encodeNil() {
        _ = target.addElement()
        count += 1
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws { try add(value) }
    mutating func encode(_ value: Int128) throws { try add(value) }
    mutating func encode(_ value: UInt128) throws { try add(value) }

    private mutating func add(_ value: Any) throws {
        defer { count += 1 }
        try target.addElement().set(value, at: codingPath + [EncodedAttribute.Key(count)])
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { encoder() }

    private mutating func encoder() -> AttributeEncoder {
        defer { count += 1 }
        return EncodedAttribute.encoder(target.addElement(), at: codingPath + [EncodedAttribute.Key(count)])
    }
}

/// A value without members or elements.
private struct ValueContainer: SingleValueEncodingContainer {
    let target: EncodedAttribute
    let codingPath: [any CodingKey]

    func encodeNil() { target.content = .none }

    func encode<Value: Encodable>(_ value: Value) throws { try set(value) }
    func encode(_ value: Int128) throws { try set(value) }
    func encode(_ value: UInt128) throws { try set(value) }

    private func set(_ value: Any) throws {
        // A value that encodes itself as a single value would be encoded for ever.
        try target.set(value, at: codingPath + [EncodedAttribute.Key("value")])
    }
}
