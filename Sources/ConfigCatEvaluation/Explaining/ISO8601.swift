/// Writes times in ISO 8601.
package enum ISO8601 {
    /// Returns a time in the form `2023-11-14T22:13:20.000Z`, or its seconds if it is outside the years 0 to 9999.
    package static func string(_ secondsSince1970: Double) -> String {
        let milliseconds = (secondsSince1970 * 1000 + 0.0005).rounded(.down)
        guard milliseconds.isFinite, let total = Int(exactly: milliseconds), total.magnitude < 253_402_300_800_000
        else {
            return DecimalFormat.text(secondsSince1970)
        }
        let day = 86_400_000
        let days = total >= 0 ? total / day : (total - day + 1) / day
        let time = total - days * day
        let (year, month, dayOfMonth) = civil(days)
        guard (0...9999).contains(year) else { return DecimalFormat.text(secondsSince1970) }
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T\(padded(time / 3_600_000, 2)):"
            + "\(padded(time / 60_000 % 60, 2)):\(padded(time / 1000 % 60, 2)).\(padded(time % 1000, 3))Z"
    }

    /// Returns the date of a day, counted from 1970-01-01, in the proleptic Gregorian calendar. In the computation,
    /// years begin in March, so that the leap day is their last day, and 400 years are an era.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
