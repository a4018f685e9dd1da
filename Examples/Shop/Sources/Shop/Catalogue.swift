import Hummingbird

/// The products of the shop.
struct Catalogue {
    struct Product: ResponseEncodable {
        let name: String
        /// The price in cents.
        let price: Int
    }

    static let products = [
        Product(name: "Teapot", price: 2_490),
        Product(name: "Bicycle bell", price: 1_290),
        Product(name: "Desk lamp", price: 4_900),
        Product(name: "Notebook", price: 690),
    ]

    /// Returns the products in the order that a search engine gives them.
    static func search(with engine: String) -> [Product] {
        switch engine {
        case "vector": products.sorted { $0.price > $1.price }
        case "hybrid": products.sorted { $0.name < $1.name }
        default: products
        }
    }
}
