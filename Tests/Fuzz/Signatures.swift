import ChannelsProtocol

/// Requests of the HTTP API: `METHOD PATH?QUERY`, a line end, the body. Nothing unsigned is believed, what was signed is
/// believed, and not with another body.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: size)
    let lineEnd = bytes.firstIndex(of: 10) ?? size
    let line = String(decoding: bytes[..<lineEnd], as: UTF8.self)
    let body = Array(bytes[min(lineEnd + 1, size)...])
    let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    let target = (words.count > 1 ? words[1] : "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let query = HTTPQuery(decoding: target.count > 1 ? target[1] : "")
    guard HTTPQuery(decoding: query.text) == query else { fatalError("query: \(query.text)") }

    let signer = Signer(key: "278d425bdf160c739803", secret: "of this test alone")
    var request = APIRequest(
        method: String(words[0]), path: String(target.first ?? ""), query: query, body: body)
    if (try? signer.check(request, now: 1_353_088_179)) != nil { fatalError("believed: \(line)") }

    request.query.items.removeAll { $0.name.lowercased().hasPrefix("auth_") || $0.name.lowercased() == "body_md5" }
    var signed = signer.signed(request, timestamp: 1_353_088_179)
    do throws(RequestRefusal) {
        try signer.check(signed, now: 1_353_088_179)
    } catch {
        fatalError("not believed: \(error) \(signed.query.text)")
    }
    signed.body.append(0)
    if (try? signer.check(signed, now: 1_353_088_179)) != nil { fatalError("believed with another body: \(line)") }
    return 0
}
