/// The reason why a setting has no value for a user.
package struct EvaluationFailure: Error, Equatable {
    package var code: EvaluationErrorCode
    package var message: String

    package init(code: EvaluationErrorCode, message: String) {
        self.code = code
        self.message = message
    }
}
