"""Runs `parley serve` on a free port and holds PyPI's Pusher libraries against it. Ends with a count; 1 on any mismatch."""

import base64
import concurrent.futures
import contextlib
import http.server
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import nacl.secret
import pusher
import pusher.errors
import pysher.pusher
from pusher.http import Request
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE = 5
checks = 0
failures = []


def check(name, found, expected):
    global checks
    checks += 1
    if found != expected:
        failures.append(f"{name}: {found!r}; expected {expected!r}")
        print(f"not ok: {failures[-1]}", flush=True)


def refused(name, error, call):
    try:
        check(name, call(), error.__name__)
    except Exception as caught:
        check(name, type(caught).__name__, error.__name__)


class Desk:
    def __init__(self, binary, settings=""):
        self.folder = tempfile.mkdtemp(prefix="parley-pypi-")
        os.mkdir(self.folder + "/parley")
        with open(os.open(self.folder + "/parley/config.toml", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(settings)
        environment = dict(os.environ, HOME=self.folder, XDG_CONFIG_HOME=self.folder, XDG_STATE_HOME=self.folder)
        self.process = subprocess.Popen(
            [binary, "serve", "--data", self.folder + "/desk", "--listen", "127.0.0.1:0"],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = self.process.stdout.readline()
        match = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
        if not match:
            raise RuntimeError(f"parley serve said {line!r}")
        self.port = int(match[1])
        with open(self.folder + "/desk/desk.app") as file:
            app = json.load(file)
        self.id, self.key, self.secret = app["id"], app["key"], app["secret"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            check("the desk ends when told to", self.process.wait(timeout=10), 0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            check("the desk ends when told to", "still running after 10 s", 0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def library(self, **changes):
        settings = dict(app_id=self.id, key=self.key, secret=self.secret, ssl=False, host="127.0.0.1", port=self.port)
        return pusher.Pusher(**{**settings, **changes})

    def socket(self, query="protocol=7&client=probe&version=1.0", key=None, greeted=True):
        url = f"ws://127.0.0.1:{self.port}/app/{key or self.key}" + (f"?{query}" if query else "")
        socket = Socket(connect(url, compression=None, open_timeout=PATIENCE, close_timeout=1))
        if greeted:
            socket.id = json.loads(socket.next()["data"])["socket_id"]
        return socket


class Socket:
    """A WebSocket of the package `websockets`, which can also send bytes as they are."""

    def __init__(self, opening):
        self.stack = contextlib.ExitStack()
        self.connection = self.stack.enter_context(opening)
        self.id = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def next(self):
        return json.loads(self.connection.recv(timeout=PATIENCE))

    def wait(self, event):
        while True:
            frame = self.next()
            if frame["event"] == event:
                return frame

    def send(self, event, data, **more):
        self.connection.send(json.dumps({"event": event, "data": data, **more}))

    def raw(self, data):
        self.connection.socket.sendall(data)

    def end(self):
        """The code the server closes with; None where it does not close."""
        try:
            while True:
                self.connection.recv(timeout=PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else "no close frame"
        except TimeoutError:
            return None

    def is_alive(self):
        self.send("pusher:ping", {})
        return self.wait("pusher:pong")["event"] == "pusher:pong"


def http_api(desk):
    """The package `pusher`: what an app's own server does."""
    library = desk.library()
    with desk.socket() as one, desk.socket() as two:
        for socket in one, two:
            for channel in "news", "weather":
                socket.send("pusher:subscribe", {"channel": channel})
                check("a public channel is confirmed", socket.next(),
                      {"event": "pusher_internal:subscription_succeeded", "channel": channel, "data": "{}"})

        check("trigger is answered with {}", library.trigger("news", "item", {"text": "hé 🚀 \"/\\"}), {})
        for socket in one, two:
            frame = socket.next()
            check("trigger reaches the subscribers", json.loads(frame.pop("data")), {"text": "hé 🚀 \"/\\"})
            check("an event has nothing else in it", frame, {"event": "item", "channel": "news"})
        library.trigger(["news", "weather"], "both", "plain text", one.id)
        check("trigger to two channels", [two.next()["channel"], two.next()["channel"]], ["news", "weather"])
        check("batch is answered", library.trigger_batch([
            {"channel": "news", "name": "first", "data": {"n": 1}},
            {"channel": "weather", "name": "second", "data": {"n": 2}, "socket_id": one.id},
            {"channel": "news", "name": "third", "data": {"n": 3}},
        ]), {})
        check("the one who is excluded hears nothing, the others do",
              [[socket.next()["event"] for _ in range(count)] for socket, count in ((one, 2), (two, 3))],
              [["first", "third"], ["first", "second", "third"]])

        check("channel_info of a channel with subscribers",
              library.channel_info("news")["occupied"], True)
        check("channel_info of nobody's channel", library.channel_info("nobody")["occupied"], False)
        for number, user in (("1", "a"), ("2", "b"), ("2", "b")):
            socket = desk.socket()
            data = {"user_id": user, "user_info": {"number": number}}
            signed = library.authenticate("presence-room", socket.id, data)
            socket.send("pusher:subscribe", {"channel": "presence-room", **signed})
            roster = json.loads(socket.wait("pusher_internal:subscription_succeeded")["data"])["presence"]
            check("the roster has who subscribes", user in roster["ids"] and user in roster["hash"], True)
            # Kept open by the list.
            keep.append(socket)
        check("two sockets of a user are one member", roster["count"], 2)
        check("channels_info by prefix, with counts",
              library.channels_info("presence-", ["user_count"]), {"channels": {"presence-room": {"user_count": 2}}})
        check("channels_info of all", sorted(library.channels_info()["channels"]), ["news", "presence-room", "weather"])
        check("channel_info with a count",
              library.channel_info("presence-room", ["user_count"])["user_count"], 2)
        check("users_info", sorted(user["id"] for user in library.users_info("presence-room")["users"]), ["a", "b"])
        refused("users of a channel without members", pusher.errors.PusherBadRequest, lambda: library.users_info("news"))
        refused("counts of members without a prefix", pusher.errors.PusherBadRequest,
                lambda: library.channels_info(attributes=["user_count"]))

    refused("a wrong secret", pusher.errors.PusherBadAuth, lambda: desk.library(secret="wrong").trigger("a", "b", "c"))
    refused("a wrong key", pusher.errors.PusherBadAuth, lambda: desk.library(key="wrong").trigger("a", "b", "c"))
    refused("a wrong app", pusher.errors.PusherBadStatus, lambda: desk.library(app_id="1").trigger("a", "b", "c"))
    refused("a channel with a name that is too long", pusher.errors.PusherBadRequest,
            lambda: library.trigger("x" * 180, "b", "c"))
    refused("data beyond ten kilobytes", pusher.errors.PusherBadStatus,
            lambda: library.trigger("a", "b", "x" * 10_241))
    check("data of exactly ten kilobytes", library.trigger("a", "b", "x" * 10_240), {})


def users_and_encryption(desk):
    library = desk.library()
    with desk.socket() as socket:
        signed = library.authenticate_user(socket.id, {"id": "17", "name": "Zoë"})
        socket.send("pusher:signin", signed)
        frame = socket.wait("pusher:signin_success")
        data = frame["data"] if isinstance(frame["data"], dict) else json.loads(frame["data"])
        check("sign-in returns what was signed", json.loads(data["user_data"]), {"id": "17", "name": "Zoë"})
        socket.send("pusher:subscribe", {"channel": "#server-to-user-17"})
        socket.wait("pusher_internal:subscription_succeeded")
        check("send_to_user is answered", library.send_to_user("17", "notice", {"n": 1}), {})
        check("a user hears what is sent to them", json.loads(socket.wait("notice")["data"]), {"n": 1})
        # The library's own call leaves the app out of the path.
        http = library._pusher_client
        path = f"/apps/{desk.id}/users/17/terminate_connections"
        check("terminate is answered", http.http.send_request(Request(http, "POST", path, {})), {})
        check("a terminated user is closed with 4009", socket.end(), 4009)
    with desk.socket() as socket:
        socket.send("pusher:signin", {**library.authenticate_user(socket.id, {"id": "17"}), "auth": desk.key + ":00"})
        check("a forged sign-in is refused", socket.wait("pusher:error")["data"]["code"], 4009)
        socket.send("pusher:subscribe", {"channel": "#server-to-user-17"})
        check("nobody hears what is sent to others", socket.next()["event"], "pusher:error")

    key = base64.b64encode(bytes(range(32))).decode()
    library = desk.library(encryption_master_key_base64=key)
    with desk.socket() as socket:
        signed = library.authenticate("private-encrypted-vault", socket.id)
        shared = base64.b64decode(signed.pop("shared_secret"))
        socket.send("pusher:subscribe", {"channel": "private-encrypted-vault", **signed})
        socket.wait("pusher_internal:subscription_succeeded")
        library.trigger("private-encrypted-vault", "secret", {"text": "hé"})
        sealed = json.loads(socket.wait("secret")["data"])
        opened = nacl.secret.SecretBox(shared).decrypt(
            base64.b64decode(sealed["ciphertext"]), base64.b64decode(sealed["nonce"]))
        check("what is encrypted arrives as it was sent", json.loads(opened), {"text": "hé"})


class Called(http.server.BaseHTTPRequestHandler):
    """A server that webhooks call. It is not there the first time."""

    calls = queue.Queue()
    refusals = 1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status = 500 if Called.refusals > 0 else 200
        Called.refusals -= 1
        if status == 200:
            Called.calls.put((self.headers, body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def webhooks(_):
    """A second app of the same desk, whose webhooks the package `pusher` checks."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Called)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    id, key, secret = "4711", "key-of-the-second-app", "secret-of-the-second-app"
    desk = Desk(sys.argv[1], f"""
        [[apps]]
        id = "{id}"
        key = "{key}"
        secret = "{secret}"
        [[apps.webhooks]]
        url = "http://127.0.0.1:{server.server_port}/hook"
    """)
    try:
        desk.id, desk.key, desk.secret = id, key, secret
        library = desk.library()

        def told():
            headers, body = Called.calls.get(timeout=2 * PATIENCE)
            checked = library.validate_webhook(headers["X-Pusher-Key"], headers["X-Pusher-Signature"], body)
            check("the library believes a webhook", checked is not None, True)
            check("and no other body", library.validate_webhook(
                headers["X-Pusher-Key"], headers["X-Pusher-Signature"], body + " "), None)
            return [tuple(event.get(name) for name in ("name", "channel", "user_id")) for event in checked["events"]]

        with desk.socket() as socket:
            signed = library.authenticate("presence-hook", socket.id, {"user_id": "17"})
            socket.send("pusher:subscribe", {"channel": "presence-hook", **signed})
            socket.wait("pusher_internal:subscription_succeeded")
            # What was refused is told again a second later, and holds up nothing.
            check("a channel that begins and a member who comes", sorted(told() + told()),
                  [("channel_occupied", "presence-hook", None), ("member_added", "presence-hook", "17")])
            socket.send("client-wave", {"n": 1}, channel="presence-hook")
            check("a client event", told(), [("client_event", "presence-hook", "17")])
        left = sorted(told() + told())
        check("a member who goes, and the channel's end", left,
              [("channel_vacated", "presence-hook", None), ("member_removed", "presence-hook", "17")])
    finally:
        desk.end()
        server.shutdown()


class Listener:
    """A client of the package `pysher`, with what it hears in a queue."""

    def __init__(self, desk, **more):
        self.heard = queue.Queue()
        self.client = pysher.Pusher(
            desk.key, secure=False, custom_host="127.0.0.1", port=desk.port, secret=desk.secret, **more)
        self.client.connection.bind("pusher:connection_established", lambda data: self.heard.put(("greeting", data)))
        self.client.connection.bind("pusher:error", lambda data: self.heard.put(("error", data)))
        self.client.connect()
        check("pysher is greeted", self.next()[0], "greeting")

    def subscribe(self, channel, *events):
        joined = pysher.channel.Channel(channel, self.client.connection)
        for event in ("pusher_internal:subscription_succeeded", *events):
            joined.bind(event, lambda data, event=event: self.heard.put((event, data)))
        # The library knows the channel only after it has sent the frame, which the answer may outrun.
        self.client.channels[channel] = joined
        pysher.pusher.Channel = lambda *_: joined
        self.client.subscribe(channel)
        name, data = self.next()
        check(f"pysher is confirmed in {channel}", name, "pusher_internal:subscription_succeeded")
        return joined, data

    def next(self):
        try:
            return self.heard.get(timeout=PATIENCE)
        except queue.Empty:
            return ("nothing", None)


def clients(desk):
    """The package `pysher`: what an app's user does. It speaks protocol 6."""
    library = desk.library()
    one = Listener(desk, user_data={"user_id": "1", "user_info": {"name": "Ana"}})
    two = Listener(desk, user_data={"user_id": "2"})

    one.subscribe("news", "item")
    library.trigger("news", "item", {"n": 1})
    check("pysher hears a public channel", one.next(), ("item", '{"n": 1}'))

    mine, _ = one.subscribe("private-a", "client-typing", "item")
    its, _ = two.subscribe("private-a", "client-typing")
    mine.trigger("client-typing", {"on": True})
    name, data = two.next()
    check("a client event reaches the other", (name, data if isinstance(data, dict) else json.loads(data)),
          ("client-typing", {"on": True}))
    library.trigger("private-a", "item", {"n": 2})
    check("and not the one who sent it", one.next(), ("item", '{"n": 2}'))

    events = ("pusher_internal:member_added", "pusher_internal:member_removed", "client-wave")
    _, data = one.subscribe("presence-b", *events)
    roster = json.loads(data)["presence"]
    check("the first roster", roster, {"ids": ["1"], "hash": {"1": {"name": "Ana"}}, "count": 1})
    lobby, data = two.subscribe("presence-b", *events)
    check("the second roster", sorted(json.loads(data)["presence"]["ids"]), ["1", "2"])
    name, data = one.next()
    check("a member is announced", (name, json.loads(data)["user_id"]), ("pusher_internal:member_added", "2"))
    lobby.trigger("client-wave", {})
    check("a client event on a presence channel", one.next()[0], "client-wave")
    two.client.disconnect(timeout=PATIENCE)
    name, data = one.next()
    check("a member who leaves is announced", (name, json.loads(data)), ("pusher_internal:member_removed", {"user_id": "2"}))

    forged = pysher.Pusher(desk.key, secure=False, custom_host="127.0.0.1", port=desk.port, secret="wrong")
    heard = queue.Queue()
    forged.connection.bind("pusher:connection_established", lambda data: forged.subscribe("private-a"))
    forged.connection.bind("pusher:error", heard.put)
    forged.connect()
    try:
        answer = heard.get(timeout=PATIENCE)
        answer = answer if isinstance(answer, dict) else json.loads(answer)
        check("a forged signature is refused and the socket stays", answer["code"], None)
    except queue.Empty:
        check("a forged signature is refused", "nothing", "an error")
    forged.disconnect(timeout=PATIENCE)
    one.client.disconnect(timeout=PATIENCE)


def masked(first, payload, length=None):
    """A client's frame; `length` overrides how its length is written."""
    if length is None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2, "big")
    mask = b"\x11\x22\x33\x44"
    return bytes([first]) + length + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


BROKEN = [
    ("an unmasked frame", b"\x81\x02hi", 1002),
    ("RSV1", masked(0xC1, b"{}"), 1002),
    ("RSV2", masked(0xA1, b"{}"), 1002),
    ("RSV3", masked(0x91, b"{}"), 1002),
    ("RSV1 on a ping", masked(0xC9, b""), 1002),
    *((f"opcode {code}", masked(0x80 | code, b""), 1002) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
    ("text that is not UTF-8", masked(0x81, b'{"event":"\xff"}'), 1007),
    ("text that ends inside a character", masked(0x81, "€".encode()[:2]), 1007),
    ("a surrogate in UTF-8", masked(0x81, b"\xed\xa0\x80"), 1007),
    ("an overlong character", masked(0x81, b"\xc0\xaf"), 1007),
    ("a broken character in an unfinished text", masked(0x01, b"a\xff"), 1007),
    ("a character that a second fragment breaks", masked(0x01, b"\xe2\x82") + masked(0x80, b"a"), 1007),
    ("a ping of 126 bytes", masked(0x89, b"x" * 126), 1002),
    ("a fragmented ping", masked(0x09, b"x"), 1002),
    ("a fragmented close", masked(0x08, b"\x03\xe8"), 1002),
    ("a close of one byte", masked(0x88, b"\x03"), 1002),
    *((f"close code {code}", masked(0x88, code.to_bytes(2, "big")), 1002)
      for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)),
    ("a close reason that is not UTF-8", masked(0x88, b"\x03\xe8\xff"), 1007),
    ("a continuation of nothing", masked(0x80, b"x"), 1002),
    ("an unfinished continuation of nothing", masked(0x00, b"x"), 1002),
    ("a text inside a fragmented text", masked(0x01, b"a") + masked(0x81, b"b"), 1002),
    ("a length of two bytes that fits in seven bits", masked(0x81, b"{}", bytes([0xFE, 0, 2])), 1002),
    ("a length of eight bytes that fits in two", masked(0x81, b"{}", bytes([0xFF]) + (2).to_bytes(8, "big")), 1002),
    ("a frame beyond the limit, when it is announced", bytes([0x81, 0xFF]) + (1 << 20).to_bytes(8, "big"), 1009),
    ("a length with its highest bit", bytes([0x81, 0xFF]) + (1 << 63).to_bytes(8, "big"), 1009),
    ("fragments beyond the limit", masked(0x01, b"x" * 60_000) + masked(0x00, b"x" * 60_000), 1009),
    ("a binary frame", masked(0x82, b"{}"), 1003),
]


def door(desk):
    """The package `websockets`, with bytes past it: RFC 6455 to the letter."""
    def end(data):
        with desk.socket() as socket:
            socket.raw(data)
            return socket.end()

    # At once: the server holds the line for two seconds after a violation, so that its reason arrives.
    with concurrent.futures.ThreadPoolExecutor(len(BROKEN)) as pool:
        for (name, _, code), found in zip(BROKEN, pool.map(end, [data for _, data, _ in BROKEN])):
            check(f"{name} is closed with {code}", found, code)

    ping = b'{"event":"pusher:ping","data":{"a":"\xe2\x82\xac"}}'
    with desk.socket() as socket:
        cut = ping.index(b"\xe2") + 1
        socket.raw(masked(0x01, ping[:5]) + masked(0x00, b"") + masked(0x89, b"inside") + masked(0x00, ping[5:cut]))
        socket.raw(masked(0x80, ping[cut:]))
        check("a text in fragments, with a ping inside and a character cut in two", socket.next()["event"], "pusher:pong")
        for byte in masked(0x81, ping):
            socket.raw(bytes([byte]))
        check("a frame that comes byte by byte", socket.next()["event"], "pusher:pong")
        check("a ping is answered with its own payload", socket.connection.ping(b"x" * 125).wait(PATIENCE), True)
        socket.raw(masked(0x8A, b"nobody asked"))
        for text in ("", "nonsense", "[]", "{}", '{"event":7}', '{"event":"pusher:subscribe"}', "{" * 60_000,
                     '{"event":"pusher:subscribe","data":{"channel":"a b"}}', '{"event":"no-such-event","data":{}}',
                     '{"event":"client-a","channel":"news","data":{}}'):
            socket.connection.send(text)
            check(f"{text[:40]!r} leaves the socket open", socket.is_alive(), True)
    for code in (1000, 1001, 3000, 4999):
        with desk.socket() as socket:
            socket.raw(masked(0x88, code.to_bytes(2, "big") + "bye €".encode()))
            check(f"close {code} is answered with itself", socket.end(), code)
    with desk.socket() as socket:
        socket.raw(masked(0x88, b""))
        check("an empty close is answered with an empty one", socket.end(), 1005)

    for name, arguments, code in (
        ("an unknown key", dict(key="nobody"), 4001),
        ("no protocol", dict(query=""), 4008),
        ("protocol 4", dict(query="protocol=4"), 4007),
        ("protocol 8", dict(query="protocol=8"), 4007),
    ):
        with desk.socket(greeted=False, **arguments) as socket:
            check(f"{name} is closed with {code}", socket.end(), code)
    with desk.socket() as socket:
        check("no extension is agreed", socket.connection.response.headers.get("Sec-WebSocket-Extensions"), None)


keep = []


def main():
    started = time.monotonic()
    desk = Desk(sys.argv[1])
    try:
        for part in (http_api, users_and_encryption, clients, door, webhooks):
            before, then = checks, time.monotonic()
            try:
                part(desk)
            except Exception as error:
                check(part.__name__, f"{type(error).__name__}: {error}", "no error")
            print(f"{part.__name__}: {checks - before} checks in {time.monotonic() - then:.1f} s", flush=True)
        for socket in keep:
            socket.stack.close()
    finally:
        desk.end()
    print(f"pypi: {checks} checks, {len(failures)} failed, {time.monotonic() - started:.1f} s")
    # The threads of pysher do not always end.
    sys.stdout.flush()
    os._exit(1 if failures else 0)


main()
