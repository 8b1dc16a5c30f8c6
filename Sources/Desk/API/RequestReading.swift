import Chat
import ChannelsProtocol
import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// The most a body of the desk's own calls may have: a text of 32,000 bytes, every one of them escaped as `\u00XX`.
    static let bodyLimit = 200_000

    /// The most that any call takes.
    static let longestBody = 1 << 20

    /// Refuses a request that says twice what has one value: a proxy before the desk may go by the other one.
    func refuseTwins() throws(APIError) {
        // The first `Host` is the authority; only a second one is a field.
        let limits = [
            ("host", 0), ("authorization", 1), ("content-length", 1), ("content-type", 1), ("origin", 1),
            ("transfer-encoding", 1),
        ]
        let twin = limits.first { name, most in headers.lazy.filter { $0.name.canonicalName == name }.count > most }
        guard let twin else { return }
        var error = APIError.badRequest("the request has more than one \(twin.0) header")
        error.endsConnection = true
        throw error
    }

    var announcedLength: Int? { headers[.contentLength].flatMap { Int($0) } }

    /// Whether the client holds the body back until it is told to go on.
    var expectsContinue: Bool { headers[.expect]?.lowercased() == "100-continue" }

    /// The whole body; a longer one is refused, if it was announced before it is read.
    func bytes(upTo limit: Int) async throws -> ByteBuffer {
        let tooLong = APIError.bodyTooLong(limit: limit)
        if let announced = announcedLength, announced > limit { throw tooLong }
        do {
            return try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw tooLong
        } catch let error as HTTPError where error.status == .contentTooLarge {
            throw tooLong
        }
    }

    /// The body as a JSON object.
    func jsonObject(upTo limit: Int = bodyLimit) async throws -> JSON {
        let bytes = try await bytes(upTo: limit)
        let json: JSON
        do {
            json = try JSON(parsing: bytes.readableBytesView)
        } catch {
            throw APIError.badRequest("the body is not JSON: \(error)")
        }
        guard json.object != nil else { throw APIError.badRequest("the body is JSON, but not an object") }
        return json
    }

    /// The body as `application/x-www-form-urlencoded`.
    func form(upTo limit: Int = 8_192) async throws -> HTTPQuery {
        let bytes = try await bytes(upTo: limit)
        return HTTPQuery(decoding: String(buffer: bytes))
    }

    var decodedQuery: HTTPQuery { HTTPQuery(decoding: uri.query ?? "") }

    /// A whole number of the query within `range`, or nil where the name does not stand.
    func number(_ name: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
        guard let text = decodedQuery[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .badRequest(
                "\(name) is \"\(text.prefix(40))\"; it is a whole number"
                    + (range.upperBound == Int.max
                        ? ", \(range.lowerBound) or more" : " from \(range.lowerBound) to \(range.upperBound)"))
        }
        return number
    }

    /// The token of `Authorization: Bearer …`.
    var bearerToken: String? {
        guard let header = headers[.authorization] else { return nil }
        let parts = header.unicodeScalars.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, String(parts[0]).lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}

/// A piece of a URL's path, decoded; nil where `%` is followed by anything but two hex digits, or the bytes are no UTF-8.
func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
            return nil
        }
        bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
}

private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
