package import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A value that the server serves for a setting in place of upstream's: for everybody, or for one user.
package struct Override: Sendable, Equatable {
    /// What an override is for. There is at most one override with the same identity.
    package struct ID: Sendable, Hashable, Comparable {
        /// The key of the setting.
        package let key: String
        /// The identifier of the user; nil for everybody.
        package let user: String?

        package init(key: String, user: String?) {
            self.key = key
            self.user = user
        }

        package static func == (left: ID, right: ID) -> Bool { left.exact == right.exact && left.isFor == right.isFor }

        /// Returns the order of keys, and of one key's users, as UTF-8 bytes; everybody comes first.
        package static func < (left: ID, right: ID) -> Bool {
            if left.exact != right.exact { return left.exact < right.exact }
            guard let user = right.isFor else { return false }
            return left.isFor.map { $0 < user } ?? true
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(exact)
            hasher.combine(isFor)
        }

        private var exact: ExactString { ExactString(key) }
        private var isFor: ExactString? { user.map(ExactString.init) }
    }

    package var id: ID
    package var value: SettingValue
    /// Whether the override has an effect. A disabled one keeps its value for later.
    package var isEnabled: Bool
    /// The time of the last change, in whole milliseconds, which stores keep.
    package var updated: Date {
        didSet { updated = Self.rounded(updated) }
    }

    package var key: String { id.key }
    package var user: String? { id.user }

    /// Creates an override.
    ///
    /// - Throws: ``OverrideError`` if a client could not read the value, or the identifier of the user is empty.
    package init(
        key: String, user: String? = nil, value: SettingValue, isEnabled: Bool = true, updated: Date
    ) throws(OverrideError) {
        if user == "" {
            throw OverrideError("the user's identifier is empty, and a condition cannot match an empty one")
        }
        if let problem = Self.problem(of: value) { throw OverrideError(problem) }
        self.id = ID(key: key, user: user)
        self.value = value
        self.isEnabled = isEnabled
        self.updated = Self.rounded(updated)
    }

    private static func rounded(_ time: Date) -> Date {
        Date(timeIntervalSince1970: (time.timeIntervalSince1970 * 1000).rounded() / 1000)
    }

    /// The greatest length of a String, in UTF-16 code units, which is ConfigCat's.
    package static let maximumLength = 65_535

    /// Returns why SDKs of some languages could not read a document with this value; nil if all can.
    private static func problem(of value: SettingValue) -> String? {
        switch value {
        case .bool: nil
        case .int(let int):
            // Several SDKs read an Int as 32 bits, and fail for the whole document if one does not fit.
            Int32(exactly: int) == nil
                ? "\(int) is not a valid Int: settings of type Int are from \(Int32.min) to \(Int32.max)" : nil
        case .double(let double):
            double.isFinite ? nil : "\(DecimalFormat.text(double)) is not a valid Double: JSON cannot represent it"
        case .string(let text):
            text.utf16.count > maximumLength
                ? "the string has \(text.utf16.count) characters, and settings of type String at most \(maximumLength)"
                : nil
        }
    }
}

/// An error that says why an override cannot be changed.
package struct OverrideError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The value or the user is invalid.
        case invalid
        /// There is no such override.
        case missing
        /// There are too many overrides.
        case full
    }

    package let kind: Kind
    package let description: String

    package init(_ description: String, kind: Kind = .invalid) {
        self.kind = kind
        self.description = description
    }
}
