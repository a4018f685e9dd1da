/// Trimming as every ConfigCat SDK does it: of characters with the Unicode property White_Space.
package enum WhiteSpace {
    package static func trimmed(_ text: String) -> Substring {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return Substring(scalars)
    }
}
