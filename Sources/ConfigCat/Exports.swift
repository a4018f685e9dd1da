// The types that users of a client name. The rest of the config model has names as short as `Condition`, and therefore
// needs `import ConfigCatEvaluation`.
@_exported public import protocol ConfigCatCache.ConfigCache
@_exported public import struct ConfigCatEvaluation.Config
@_exported public import struct ConfigCatEvaluation.ConfigCatUser
@_exported public import struct ConfigCatEvaluation.ConfigDecodingError
@_exported public import typealias ConfigCatEvaluation.EvaluationDetails
@_exported public import struct ConfigCatEvaluation.EvaluationErrorCode
@_exported public import struct ConfigCatEvaluation.EvaluationReason
@_exported public import struct ConfigCatEvaluation.PercentageOption
@_exported public import enum ConfigCatEvaluation.SettingType
@_exported public import enum ConfigCatEvaluation.SettingValue
@_exported public import struct ConfigCatEvaluation.TargetingRule
@_exported public import struct ConfigCatEvaluation.TypedEvaluationDetails
