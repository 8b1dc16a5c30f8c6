import Foundation
import Testing

extension Runs {
    @Suite("parley serve with an encryption key")
    struct EncryptionRuns {
        private static let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

        @Test("two talk past an engine elsewhere, which carries ciphertext; both are told so")
        func talk() throws {
            let (engineFolder, folder) = (try TestFolder(), try TestFolder())
            let engine = try ServedDesk(engineFolder)
            defer { engine.kill() }
            let key = try folder.write(Self.key + "\n", to: "key")
            chmod(key, 0o600)
            let desk = try ServedDesk(
                folder, config: "[desk]\nengine_url = \"\(engine.url)\"\nencryption_key_file = \"\(key)\"\n")
            defer { desk.kill() }
            let tokens = try ["bob", "alice"].map { try Program.add($0, folder) }
            let programs = try zip(tokens, ["alice", "bob"]).map { token, peer in
                let home = try TestFolder()
                return try LinearProgram(
                    ["--url", desk.url, "--with", peer],
                    environment: Program.environment(home: home.path, ["PARLEY_TOKEN": token]),
                    errors: home.path + "/errors")
            }
            let (bob, alice) = (programs[0], programs[1])
            func wait(_ program: LinearProgram, _ text: String) throws {
                let limit = ContinuousClock.now + .seconds(20)
                while !program.output.contains(text) {
                    guard .now < limit else { throw RunError("waited for \(text): \(program.output)") }
                    for each in programs { each.read(within: .milliseconds(20)) }
                }
            }
            try wait(alice, "You are now writing to bob, encrypted.")
            try wait(bob, "You are now writing to alice, encrypted.")
            _ = alice.type("one\n")
            try wait(bob, "alice: one")
            _ = bob.type("two\n")
            try wait(alice, "bob: two")
            for program in programs { #expect(!program.output.contains("fetched from the desk")) }
        }

        @Test("a key that others can read, or that is none, is refused with what to do")
        func refused() throws {
            let folder = try TestFolder()
            let path = try folder.write(Self.key + "\n", to: "key")
            chmod(path, 0o644)
            let arguments = [
                "serve", "--listen", "127.0.0.1:0", "--data", folder.path + "/desk", "--encryption-key-file", path,
            ]
            var run = try Program.run(arguments, home: folder.path)
            #expect(run.code == 78 && run.errors.contains("chmod 600"), "\(run.errors)")
            try folder.write("c2hvcnQ=\n", to: "key")
            chmod(path, 0o600)
            run = try Program.run(arguments, home: folder.path)
            #expect(run.code == 78 && run.errors.contains("head -c 32 /dev/urandom | base64"), "\(run.errors)")
        }
    }
}
