import ConfigCatCommandLine
import ArgumentParser
import ConfigCat
import ConfigCatCache
import ConfigCatEvaluation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct Cache: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows and changes the entries of a cache that processes share.",
        subcommands: [Show.self, Clear.self, Export.self, Import.self]
    )

    /// The options that choose the entry of a command.
    struct Target: ParsableArguments {
        @Option(help: CacheAddress.help, transform: CacheAddress.init)
        var cache: CacheAddress

        @Option(help: "The SDK key of the config.")
        var sdkKey: String

        func validate() throws { try cache.validate() }

        var key: String { CacheKey.key(forSDKKey: sdkKey) }

        func read() async throws -> String {
            let text: String?
            do {
                text = try await cache.open().read(for: key)
            } catch {
                throw CommandError("\(error)")
            }
            guard let text else { throw CommandError("the cache has no entry for this SDK key (key \(key))") }
            return text
        }

        /// Returns the entry and its config.
        ///
        /// - Throws: `CommandError` if there is no entry, or it is invalid.
        func entry() async throws -> (entry: CacheEntry, config: Config) {
            do {
                let entry = try CacheEntry(serialized: try await read())
                return (entry, try Config(json: entry.configJSON))
            } catch let error as CommandError {
                throw error
            } catch {
                throw CommandError("the entry under \(key) is invalid: \(error)")
            }
        }
    }
}

extension Cache {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints fetch time, age, ETag, size and number of settings of an entry.",
            discussion: "The exit code is 1 if there is no entry, or it is invalid."
        )

        @OptionGroup
        var target: Target

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let (entry, config) = try await target.entry()
            let seconds = Double(entry.fetchTime) / 1000
            let age = Date().timeIntervalSince1970 - seconds
            let size = entry.serialized.utf8.count
            if json {
                var line = JSONLine()
                line.add("key", target.key)
                line.add("valid", true)
                line.add("fetchTime", Int(entry.fetchTime))
                line.add("ageSeconds", json: DecimalFormat.text((age * 1000).rounded() / 1000))
                line.add("etag", entry.eTag)
                line.add("bytes", size)
                line.add("settings", config.keys.count)
                Console.write(line.text)
                return
            }
            var table = TextTable("ENTRY", target.key)
            table.add("fetched", "\(ISO8601.string(seconds)) (\(Self.text(age)))")
            table.add("ETag", entry.eTag.isEmpty ? "none" : entry.eTag)
            table.add("size", "\(size) bytes")
            table.add("settings", "\(config.keys.count)")
            table.add("valid", "yes (\(config.format.name))")
            Console.write(table.text)
        }

        /// Returns an age in words.
        private static func text(_ seconds: Double) -> String {
            let whole = Int(max(-1e9, min(1e9, seconds.rounded())))
            switch whole {
            case ..<0: return "\(-whole) s in the future"
            case ..<120: return "\(whole) s ago"
            case ..<7200: return "\(whole / 60) min ago"
            case ..<172_800: return "\(whole / 3600) h ago"
            default: return "\(whole / 86_400) days ago"
            }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes an entry.")

        @OptionGroup
        var target: Target

        func run() async throws {
            let cache = try target.cache.open()
            guard let removing = cache as? any RemovingConfigCache else {
                throw CommandError("values cannot be removed from this cache")
            }
            do {
                try await removing.remove(for: target.key)
            } catch {
                throw CommandError("\(error)")
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints an entry's config JSON, in the form that --config and overrides read.")

        @OptionGroup
        var target: Target

        func run() async throws {
            Console.write(try await target.entry().entry.configJSON)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a config file into the cache, as if it had been downloaded now.",
            discussion: "Config JSON v5 and plain values are written as v6."
        )

        @Argument(help: "The config JSON (v6 or v5), or a file of plain values.")
        var file: String

        @OptionGroup
        var target: Target

        func run() async throws {
            let json = try ConfigFile.version6(file)
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            // The entry has no ETag, so that the next request downloads the whole config.
            let entry = CacheEntry(fetchTime: now, eTag: "", configJSON: json)
            do {
                try await target.cache.open().write(for: target.key, value: entry.serialized)
            } catch {
                throw CommandError("\(error)")
            }
        }
    }
}
