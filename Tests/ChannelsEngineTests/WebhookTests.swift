import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("webhooks")
struct WebhookTests {
    private func room() -> Room { Room { _, features in features.webhooks = true } }

    @Test("tell of channels and members, of leaving only after three seconds")
    func occupied() {
        var room = room()
        let ana = room.client()
        room.enter(ana, "presence-lobby", as: "17")
        #expect(
            room.takeWebhooks() == [.memberAdded("presence-lobby", userID: "17"), .channelOccupied("presence-lobby")])
        room.leave(ana)
        #expect(room.takeWebhooks().isEmpty)
        room.advance(.seconds(3))
        #expect(
            room.takeWebhooks() == [
                .memberRemoved("presence-lobby", userID: "17"), .channelVacated("presence-lobby"),
            ])
    }

    @Test("say nothing of who is back within three seconds")
    func back() {
        var room = room()
        let ana = room.client()
        room.enter(ana, "presence-lobby", as: "17")
        _ = room.takeWebhooks()
        room.leave(ana)
        room.advance(.seconds(2))
        let again = room.client()
        room.enter(again, "presence-lobby", as: "17")
        room.advance(.seconds(10))
        #expect(room.takeWebhooks().isEmpty)
        room.leave(again)
        room.advance(.seconds(3))
        #expect(room.takeWebhooks().count == 2)
    }

    @Test("carry client events and cache misses")
    func events() {
        var room = room()
        let ana = room.client()
        room.enter(ana, "presence-lobby", as: "17")
        room.subscribe(ana, "cache-a")
        _ = room.takeWebhooks()
        room.say(.event(name: "client-x", channel: "presence-lobby", data: ["a": 1]), ana)
        let event = WebhookEvent.clientEvent(
            "presence-lobby", event: "client-x", data: #"{"a":1}"#, socketID: room.id(ana), userID: "17")
        #expect(room.takeWebhooks() == [event])
        #expect(
            WebhookEvent.body(of: [.channelOccupied("private-chat-3-17")], milliseconds: 1_327_078_148_132)
                == #"{"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"private-chat-3-17"}]}"#)
        #expect(event.json["user_id"] == "17")
    }
}
