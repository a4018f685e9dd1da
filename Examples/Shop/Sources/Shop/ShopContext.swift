import ConfigCat
import ConfigCatEvaluation
import Hummingbird

/// What a request carries from the middleware to its handler.
struct ShopContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The values of the flags for the user of this request. All handlers of a request see the same config, even if it
    /// changes in the meantime. Before ``FlagsMiddleware`` has run, all flags have their defaults.
    var flags = ConfigCatClientSnapshot(config: Config(values: [:]))

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
