// What users of a client name. The model of configs, with names as short as `Condition`, needs `import ConfigCatEvaluation`.
@_exported public import protocol ConfigCatCache.ConfigCache
@_exported public import struct ConfigCatEvaluation.Config
@_exported public import struct ConfigCatEvaluation.ConfigCatUser
@_exported public import struct ConfigCatEvaluation.ConfigDecodingError
@_exported public import typealias ConfigCatEvaluation.EvaluationDetails
@_exported public import struct ConfigCatEvaluation.EvaluationErrorCode
@_exported public import struct ConfigCatEvaluation.PercentageOption
@_exported public import enum ConfigCatEvaluation.SettingType
@_exported public import enum ConfigCatEvaluation.SettingValue
@_exported public import struct ConfigCatEvaluation.TargetingRule
@_exported public import struct ConfigCatEvaluation.TypedEvaluationDetails
