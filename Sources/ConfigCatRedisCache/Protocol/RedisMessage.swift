/// A message that a subscription receives.
struct RedisMessage: Sendable, Equatable {
    let channel: String
    let text: String

    /// Creates a message from a reply; nil if the reply is not a message.
    init?(_ reply: RedisReply) {
        guard case .array(let parts) = reply, parts.count == 3, parts[0] == .string("message"),
            case .string(let channel) = parts[1], case .string(let text) = parts[2]
        else { return nil }
        self.channel = channel
        self.text = text
    }
}
