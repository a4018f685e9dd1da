@_exported public import ConfigCatEvaluation
