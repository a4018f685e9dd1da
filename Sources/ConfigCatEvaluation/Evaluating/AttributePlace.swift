/// The place of an attribute in a user: a predefined attribute, or the index of a custom one.
enum AttributePlace: Hashable {
    case identifier, email, country
    case custom(Int)
}

extension ConfigCatUser {
    /// Returns the place of the attribute that a condition or percentage options refer to; nil if the user has no such
    /// custom attribute.
    func place(of attribute: AttributeReference, in pool: some BytePool) -> AttributePlace? {
        switch attribute.kind {
        case .identifier: .identifier
        case .email: .email
        case .country: .country
        case .custom: custom.index(of: attribute.name, in: pool).map { .custom($0) }
        }
    }

    func value(at place: AttributePlace) -> AttributeValue? {
        switch place {
        case .identifier: .string(identifier)
        case .email: email.map { .string($0) }
        case .country: country.map { .string($0) }
        case .custom(let index): custom.entries[index].1
        }
    }
}
