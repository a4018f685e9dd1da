import ConfigCat
import ConfigCatTesting
import XCTest

/// The function for XCTest, in XCTest. The other tests of it are in ``FlagsTraitTests``.
final class WithFlagsXCTests: XCTestCase {
    func testAnAsynchronousPartOfATestHasFlagsOfItsOwn() async throws {
        let page = try await withFlags {
            $0[.newCheckout] = true
        } operation: {
            await Shop.checkout()
        }
        XCTAssertEqual(page, "new")
        let after = await Shop.checkout()
        XCTAssertEqual(after, "old")
    }

    func testASynchronousPartOfATestHasFlagsOfItsOwn() throws {
        try withFlags {
            $0[.limit] = 5
        } operation: {
            XCTAssertEqual(Shop.client.snapshot().value(of: .limit), 5)
            TestFlags.shared.set(.limit, to: 6)
            XCTAssertEqual(Shop.client.snapshot().value(of: .limit), 6)
        }
        XCTAssertEqual(Shop.client.snapshot().value(of: .limit), 10)
    }

    func testSharedFlagsDoNotChangeOutsideOfATestsOwn() {
        TestFlags.shared.set(.limit, to: 7)
        XCTAssertEqual(Shop.client.snapshot().value(of: .limit), 10)
    }

    func testFlagsThatNoClientUsesAreAnError() {
        XCTAssertThrowsError(try withFlags(TestFlags()) {}) { error in
            XCTAssertEqual((error as? TestFlagsError)?.code, .noClient)
        }
    }
}
