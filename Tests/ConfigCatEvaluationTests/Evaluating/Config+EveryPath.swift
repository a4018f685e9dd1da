@testable import ConfigCatEvaluation

extension Config {
    /// Returns the value of a setting as each way of evaluating without details computes it: by key, by declared key,
    /// with an empty memo, and with a memo that has seen the setting. All of them have to be the same.
    func valuesByEveryPath(_ key: String, for user: ConfigCatUser?) -> [SettingValue?] {
        let memo = EvaluationMemo(self)
        func evaluate(_ found: SettingLookup, _ memo: EvaluationMemo?) -> SettingValue? {
            if let value = value(found) { return value }
            if let memo, let value = value(memo.find(found.index)) { return value }
            guard found.kind == .requiresEvaluation,
                case .value(let value) = self.evaluate(at: Int(found.index), for: user, memo: memo, warn: nil)
            else { return nil }
            return value
        }
        let number = DeclaredKeys.number(of: key)
        return [
            evaluate(find(key), nil), evaluate(find(declared: number, key), nil),
            evaluate(find(declared: number, key), memo),
            evaluate(find(key), memo),
        ]
    }
}
