/// What a subscription receives.
struct RedisMessage: Sendable, Equatable {
    let channel: String
    let text: String

    /// Nil if the reply is no message.
    init?(_ reply: RedisReply) {
        guard case .array(let parts) = reply, parts.count == 3, parts[0] == .string("message"),
            case .string(let channel) = parts[1], case .string(let text) = parts[2]
        else { return nil }
        self.channel = channel
        self.text = text
    }
}
