/// The result of an evaluation: the value, and where the config has it.
struct Outcome {
    var value: CompiledValue
    var variationID: ArrayRange?
    /// Index in `CompiledConfig.rules`, or -1.
    var rule: Int32 = -1
    /// Index in `CompiledConfig.options`, or -1.
    var option: Int32 = -1
}
