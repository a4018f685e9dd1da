import Crypto
import Hummingbird
import HummingbirdTLS
