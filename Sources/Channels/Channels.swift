// Channels: a client for the Pusher Channels protocol, ready to use: `Connection` (ChannelsClient) with a socket
// (Transport), a clock, an authorization endpoint and async sequences around it.
// It decides nothing about the protocol: what came goes into the one `Connection`, what comes out of it is done, in
// order and under one lock (`Driver`). Consumers stand behind bounded buffers of their own (`UpdateBuffer`).
// Something new to tell: a case in `ChannelUpdate` or `ConnectionUpdate`, a branch in `Driver+Notices`.

@_exported public import ChannelsClient
@_exported public import ChannelsProtocol
