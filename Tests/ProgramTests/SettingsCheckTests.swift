import Testing

@testable import parley

@Suite("parley config --check")
struct SettingsCheckTests {
    private func problem(_ text: String, _ variables: [String: String] = [:]) throws -> Failure? {
        let folder = try TestFolder()
        let file = try folder.write(text, to: "c.toml")
        do throws(Failure) {
            try Settings.load(configFlag: file, environment: folder.environment(variables)).check()
            return nil
        } catch {
            return error
        }
    }

    private static let app = "user = \"ana\"\n[channels]\nkey = \"k\"\nauth_endpoint = \"https://a.example/auth\"\n"

    @Test(
        "finds what a start would end with",
        arguments: [
            ("[channels]\nkey = \"k\"\n", "user is missing"),
            ("user = \"ana\"\n[channels]\nkey = \"k\"\ncluster = \"eu\"\n", "channels.auth_endpoint is missing"),
            (app, "channels.host is missing"),
            (app + "cluster = \"eu\"\nhost = \"h\"\n", "exclude each other"),
            (app + "host = \"10.0.0.1\"\ntls = false\n", "channels.tls is false"),
            ("[[apps]]\nid = \"2\"\n", "apps.key is missing"),
            ("[[apps]]\nid = \"2\"\nkey = \"k\"\n", "apps.secret_file is missing"),
            ("[waiting]\nwarn_after = 5\nalarm_after = 2\n", "waiting.alarm_after is 2"),
            ("url = \"http://10.0.0.1\"\n", "--insecure"),
            ("url = \"https://a.example\"\n[channels]\nkey = \"k\"\n", "exclude each other"),
            ("[accounts.work]\nurl = \"http://10.0.0.1\"\n", "account work: "),
            ("[accounts.work.channels]\nkey = \"k\"\n", "account work: user is missing"),
            ("[desk]\nengine_url = \"https://a.example\"\ncluster = \"eu\"\n", "exclude each other"),
            ("[desk]\nengine_url = \"https://a.example\"\n", "id, key and secret are missing"),
            ("[desk]\napp_id = \"1\"\n", "key and secret is missing"),
            ("[desk]\ntls_certificate = \"/none\"\n", "desk.tls_key is missing"),
            ("[desk]\ntls_certificate = \"/none\"\ntls_key = \"/none\"\n", "/none"),
            ("[desk]\nadmin_token_file = \"/none\"\n", "/none: there is no such file"),
        ])
    func wrong(text: String, words: String) throws {
        let failure = try problem(text)
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.contains(words) == true, "\(failure?.sentence ?? "in order")")
    }

    @Test(
        "is content with what starts",
        arguments: [
            "", "url = \"http://127.0.0.1:7007\"\n", app + "cluster = \"eu\"\n", "[waiting]\nwarn_after = 30\n",
            "url = \"https://a.example\"\n[accounts.work]\nuser = \"w\"\n[accounts.guest]\nurl = \"https://b.example\"\n",
            "[desk]\nlisten = \"0.0.0.0:7007\"\n",
        ])
    func right(text: String) throws { #expect(try problem(text) == nil) }
}
