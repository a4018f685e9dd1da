extension Duration {
    /// The duration in whole milliseconds, rounded towards zero and clamped to the range of `Int64`.
    package var milliseconds: Int64 {
        // `components` traps if the seconds do not fit in 64 bits.
        Int64(clamping: attoseconds / 1_000_000_000_000_000)
    }
}
