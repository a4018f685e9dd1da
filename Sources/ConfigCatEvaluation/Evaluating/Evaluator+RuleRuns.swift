/// Search of runs of rules, see ``CompiledRuleRun``.
extension Evaluator {
    /// The result of a search.
    struct Found {
        /// The first rule whose condition is true; nil if no rule of the run has one.
        var match: Int?
        /// The rule to evaluate next if the match serves nothing.
        var end: Int
    }

    /// Finds the first rule of a run whose condition is true.
    ///
    /// - Returns: The rule; nil if the rules have to be evaluated one by one, because each would warn that the attribute
    ///   is missing or not a string, or because the evaluation exceeds the limit on its work.
    @inline(__always)
    mutating func search(_ run: Int32, of config: CompiledConfig, for user: ConfigCatUser?) -> Found? {
        let run = config.runs.address(of: Int(run))
        let first = Int(config.rules.address(of: Int(run.pointee.rules.start)).pointee.conditions.start)
        let condition = config.conditions.address(of: first)
        switch condition.pointee.attribute.kind {
        case .identifier: return search(run, condition, of: config, user?.identifier, at: .identifier)
        case .email: return search(run, condition, of: config, user?.email, at: .email)
        case .country: return search(run, condition, of: config, user?.country, at: .country)
        case .custom:
            guard let index = user?.custom.index(of: condition.pointee.attribute.name, in: config.pool),
                case .string(let text)? = user?.custom.entries[index].1
            else { return nil }
            return search(run, condition, of: config, text, at: .custom(index))
        }
    }

    @inline(__always)
    private mutating func search(
        _ run: UnsafePointer<CompiledRuleRun>, _ condition: UnsafePointer<CompiledCondition>, of config: CompiledConfig,
        _ text: String?, at place: AttributePlace
    ) -> Found? {
        guard let text, !text.isEmpty else { return nil }
        return text.withBytes { search(run, condition, of: config, $0, at: place) }
    }

    @inline(__always)
    private mutating func search(
        _ run: UnsafePointer<CompiledRuleRun>, _ condition: UnsafePointer<CompiledCondition>, of config: CompiledConfig,
        _ text: UnsafeBufferPointer<UInt8>, at place: AttributePlace
    ) -> Found? {
        let tables = config.comparison
        let last = run.pointee.rules.range.upperBound - 1
        let steps = Int(config.rules.address(of: last).pointee.steps)
        let match: Int?
        if run.pointee.isHashed {
            let (salt, context) = (condition.pointee.salt, condition.pointee.context)
            let hashing = EvaluationWork.stepsOfHashing(text.count &+ Int(salt.count) &+ Int(context.count))
            if memory.work.isExceeded(after: steps &+ hashing) { return nil }
            let key = DigestKey(place: place, length: text.count, salt: salt, context: context)
            let digest = memory.digest(of: text, key, in: config.pool)
            match = run.pointee.rule(ByteHash.hash(digest, seed: tables.pointee.seed), in: config.listed) { item in
                tables.pointee.digests.address(of: item).pointee.digest == digest
            }
        } else {
            if memory.work.isExceeded(after: steps) { return nil }
            let hash = memory.fingerprint(of: text, at: place, seed: tables.pointee.seed)
            match = run.pointee.rule(hash, in: config.listed) { item in
                Bytes.areEqual(text, tables.pointee.items[item], of: config.pool)
            }
        }
        memory.work.add(match.map { Int(config.rules.address(of: $0).pointee.steps) } ?? steps)
        return Found(match: match, end: match.map { $0 + 1 } ?? last + 1)
    }
}
