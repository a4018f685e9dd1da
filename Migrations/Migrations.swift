/// The steps that bring a database to the newest schema, in order. A step that has been released is never changed.
package enum Migrations {
    /// The SQL of each step; the first step leads from version 0 to version 1.
    package static let steps: [[UInt8]] = [
        PackageResources._001_entries_sql,
        PackageResources._002_leases_sql,
    ]

    /// The steps of the database of `configcatctl serve`, which is separate from caches: a step that were added to
    /// theirs would lock out older processes.
    package static let overrides: [[UInt8]] = [
        PackageResources._001_overrides_sql
    ]
}
