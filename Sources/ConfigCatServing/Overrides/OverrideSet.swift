#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The overrides of one config, in the order of ``Override/ID``.
package struct OverrideSet: Sendable, Equatable, RandomAccessCollection {
    /// The greatest number of overrides of one config.
    package static let maximumCount = 10_000

    private var overrides: [Override] = []

    package init() {}

    /// Creates a set. Of overrides with the same identity, the last one is kept.
    package init(_ overrides: some Sequence<Override>) {
        var latest: [Override.ID: Override] = [:]
        for override in overrides { latest[override.id] = override }
        self.overrides = latest.values.sorted { $0.id < $1.id }
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { overrides.count }
    package subscript(index: Int) -> Override { overrides[index] }

    /// Accesses the override with this identity; nil if there is none.
    package subscript(id: Override.ID) -> Override? {
        get {
            let place = place(of: id)
            return place < overrides.count && overrides[place].id == id ? overrides[place] : nil
        }
        set {
            let place = place(of: id)
            let isKnown = place < overrides.count && overrides[place].id == id
            switch (newValue, isKnown) {
            case (let new?, true): overrides[place] = new
            case (let new?, false): overrides.insert(new, at: place)
            case (nil, true): overrides.remove(at: place)
            case (nil, false): break
            }
        }
    }

    /// Returns the overrides of a setting: the one for everybody first, if there is one, then those of users.
    package func overrides(of key: String) -> ArraySlice<Override> {
        let start = place(of: Override.ID(key: key, user: nil))
        let key = ExactString(key)
        return overrides[start...].prefix { ExactString($0.key) == key }
    }

    /// Returns the first index whose override does not precede an identity.
    private func place(of id: Override.ID) -> Int {
        var (low, high) = (0, overrides.count)
        while low < high {
            let middle = (low + high) / 2
            if overrides[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A change of the overrides of one config.
package enum OverrideChange: Sendable {
    /// Sets an override, in place of the one with the same identity.
    case set(Override)
    /// Enables or disables an override.
    case enable(Override.ID, Bool, at: Date)
    /// Removes an override.
    case remove(Override.ID)
    /// Sets several overrides, and removes all others first if `replacing`.
    case merge([Override], replacing: Bool)

    /// Removes all overrides.
    package static let removeAll = OverrideChange.merge([], replacing: true)

    /// Makes the change.
    ///
    /// - Throws: ``OverrideError`` if the override to change does not exist, or if there would be more than
    ///   ``OverrideSet/maximumCount`` overrides; the set is then unchanged.
    package func apply(to set: inout OverrideSet) throws(OverrideError) {
        var changed = set
        switch self {
        case .set(let override): changed[override.id] = override
        case .enable(let id, let isEnabled, let time):
            var override = try Self.existing(id, in: set)
            override.isEnabled = isEnabled
            override.updated = time
            changed[id] = override
        case .remove(let id): changed[try Self.existing(id, in: set).id] = nil
        case .merge(let overrides, let isReplacing):
            changed = OverrideSet((isReplacing ? [] : Array(set)) + overrides)
        }
        guard changed.count <= OverrideSet.maximumCount || changed.count <= set.count else {
            throw OverrideError("a config cannot have more than \(OverrideSet.maximumCount) overrides", kind: .full)
        }
        set = changed
    }

    private static func existing(_ id: Override.ID, in set: OverrideSet) throws(OverrideError) -> Override {
        if let override = set[id] { return override }
        throw OverrideError(
            "there is no override of '\(id.key)' for " + (id.user.map { "the user '\($0)'" } ?? "everybody"),
            kind: .missing)
    }
}
