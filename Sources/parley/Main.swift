import ArgumentParser
import AsyncHTTPClient
import CSodium
import CTerminal
import GRDB
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import NIOWebSocket
import TOMLKit

@main struct Main: ParsableCommand {
    @Argument var what = "print"
    func run() throws {
        print("hello")
        if what == "all" {
            _ = try TOMLTable(string: "a = 1")
            _ = try DatabaseQueue()
            _ = try NIOSSLContext(configuration: .makeClientConfiguration())
            _ = HTTPClient.shared
            _ = Application(router: Router())
            _ = sodium_init()
        }
    }
}
