// The code of the guide Generated flags.

import ConfigCat

extension FeatureFlag where Value == Bool {
    /// A Bool setting, targeted by user.
    ///
    /// Values: `false` (checkout-off, checkout-later), `true` (checkout-staff, checkout-beta, checkout-early).
    ///
    /// A prerequisite of `discountRate`.
    static let newCheckout = FeatureFlag("newCheckout", defaultValue: false)
}

func checkout(client: ConfigCatClient, user: ConfigCatUser) async -> String {
    await client.value(of: .newCheckout, user: user) ? "new" : "classic"
}
