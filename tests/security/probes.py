"""Requests as no client should send them, and the answer that each is owed.

`end` is what ends the connection after the answer; without it, the probe is followed by silence.
"""

import gzip
import zlib

END = b"connection: close\r\n"
H = b"host: a\r\n"
JSON = b"content-type: application/json\r\n"
LOGIN = b"POST /api/auth/login HTTP/1.1\r\n" + H + JSON
_ZEROS = gzip.compress(b"0" * 50_000_000)


def get(target: bytes = b"/health", more: bytes = b"", version: bytes = b"HTTP/1.1") -> bytes:
    return b"GET " + target + b" " + version + b"\r\n" + H + END + more + b"\r\n"


def post(body: bytes, more: bytes = b"", length: bytes | None = None) -> bytes:
    said = b"%d" % len(body) if length is None else length
    return LOGIN + END + b"content-length: " + said + b"\r\n" + more + b"\r\n" + body


def chunked(body: bytes, more: bytes = b"", coding: bytes = b"chunked") -> bytes:
    return LOGIN + END + b"transfer-encoding: " + coding + b"\r\n" + more + b"\r\n" + body


_FIELDS = b'{"username":"nobody-here","password":"no such password"}'

PROBES: dict[str, tuple[bytes, int]] = {
    # Requests that are in order, so that the rest means something.
    "get": (get(), 200),
    "post": (post(_FIELDS), 401),
    "post in chunks": (chunked(b"%x\r\n%b\r\n0\r\n\r\n" % (len(_FIELDS), _FIELDS)), 401),
    "chunks with an extension": (chunked(b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(_FIELDS), _FIELDS)), 401),
    "chunks with a trailer": (chunked(b"%x\r\n%b\r\n0\r\nx-a: b\r\n\r\n" % (len(_FIELDS), _FIELDS)), 401),
    # Lengths that contradict each other: where two servers could disagree, a request can be smuggled.
    "length and chunks": (post(b"0\r\n\r\n", b"transfer-encoding: chunked\r\n"), 400),
    "chunks and length": (chunked(b"0\r\n\r\n", b"content-length: 5\r\n"), 400),
    "length, chunks and a hidden request": (post(b"0\r\n\r\n" + get(), b"transfer-encoding: chunked\r\n", b"5"), 400),
    "two lengths": (post(b"{}", b"content-length: 3\r\n"), 400),
    "the same length twice": (post(b"{}", b"content-length: 2\r\n"), 400),
    "a list of lengths": (post(b"{}", length=b"2, 2"), 400),
    "a length with a sign": (post(b"{}", length=b"+2"), 400),
    "a negative length": (post(b"{}", length=b"-2"), 400),
    "a length in hexadecimal": (post(b"{}", length=b"0x2"), 400),
    "a length with a space inside": (post(b"{}", length=b"2 2"), 400),
    "a length that is a fraction": (post(b"{}", length=b"2.0"), 400),
    "no length": (post(b"{}", length=b""), 400),
    "a length beyond 64 bits": (post(b"{}", length=b"99999999999999999999999"), 400),
    "a length beyond what we take": (post(b"{}", length=b"1000001"), 413),
    "two chunked": (chunked(b"0\r\n\r\n", b"transfer-encoding: chunked\r\n"), 400),
    "chunked twice": (chunked(b"0\r\n\r\n", coding=b"chunked, chunked"), 400),
    "chunked, then another": (chunked(b"0\r\n\r\n", coding=b"chunked, identity"), 400),
    "a coding that is almost chunked": (chunked(b"0\r\n\r\n", coding=b"xchunked"), 400),
    "a coding with a tab": (chunked(b"0\r\n\r\n", coding=b"\x0bchunked"), 400),
    "identity": (chunked(b"0\r\n\r\n", coding=b"identity"), 400),
    "a space before the colon": (post(b"{}", b"transfer-encoding : chunked\r\n"), 400),
    "a header that is folded": (post(b"{}", b"x-a: b\r\n transfer-encoding: chunked\r\n"), 400),
    "a line feed alone": (b"GET /health HTTP/1.1\nhost: a\n\n", 400),
    "a carriage return alone": (get(more=b"x-a: b\rtransfer-encoding: chunked\r\n"), 400),
    # Chunks that lie.
    "a chunk longer than it says": (chunked(b"2\r\n{}}}}\r\n0\r\n\r\n"), 400),
    "a chunk of no size": (chunked(b"\r\n{}\r\n0\r\n\r\n"), 400),
    "a chunk of a negative size": (chunked(b"-2\r\n{}\r\n0\r\n\r\n"), 400),
    "a chunk of a size with 0x": (chunked(b"0x2\r\n{}\r\n0\r\n\r\n"), 400),
    "a chunk beyond 64 bits": (chunked(b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), 400),
    "a chunk beyond what we take": (chunked(b"f4241\r\n" + b"1" * 1_000_001 + b"\r\n0\r\n\r\n"), 413),
    "a chunk without its end": (chunked(b"2\r\n{}0\r\n\r\n"), 400),
    "a chunk that ends in a line feed": (chunked(b"2\n{}\n0\n\n"), 400),
    "a size that is not a number": (chunked(b"zz\r\n{}\r\n0\r\n\r\n"), 400),
    "a size with a space": (chunked(b"2 2\r\n{}\r\n0\r\n\r\n"), 400),
    # Headers.
    "no host": (b"GET /health HTTP/1.1\r\n\r\n", 400),
    "two hosts": (get(more=b"host: b\r\n"), 400),
    "a host with a space": (b"GET /health HTTP/1.1\r\nhost: a b\r\n" + END + b"\r\n", 400),
    "a host with a path": (b"GET /health HTTP/1.1\r\nhost: a/b\r\n" + END + b"\r\n", 400),
    "a host with a user": (b"GET /health HTTP/1.1\r\nhost: u@a\r\n" + END + b"\r\n", 400),
    "two hosts before a body": (post(b"{}", b"host: b\r\n"), 400),
    "a header of 40 kB": (get(more=b"x-a: " + b"x" * 40_000 + b"\r\n"), 431),
    "headers of 40 kB": (get(more=b"x-a: 12345678\r\n" * 2_700), 431),
    "headers of megabytes": (get(more=b"x-a: 12345678\r\n" * 140_000), 431),
    "a name of 40 kB": (get(more=b"x" * 40_000 + b": a\r\n"), 431),
    "an address of 40 kB": (get(b"/" + b"a" * 40_000), 431),
    "a header without a colon": (get(more=b"nonsense\r\n"), 400),
    "a header without a name": (get(more=b": a\r\n"), 400),
    "a name with a space": (get(more=b"x a: b\r\n"), 400),
    "a name in parentheses": (get(more=b"(x): b\r\n"), 400),
    "a name that is not ASCII": (get(more=b"x-\xe9: b\r\n"), 400),
    "a zero byte in a name": (get(more=b"x\x00a: b\r\n"), 400),
    "a zero byte in a value": (get(more=b"x-a: b\x00c\r\n"), 400),
    "bytes that are not UTF-8 in a value": (get(more=b"x-a: \xff\xfe\r\n"), 200),
    "an authorization of bytes": (get(b"/api/users/profile", b"authorization: Bearer \xff\xfe\r\n"), 401),
    "an address of bytes in X-Forwarded-For": (get(more=b"x-forwarded-for: \xff, \x80\r\n"), 200),
    "an id of bytes": (get(more=b"x-request-id: \xff\xfe\xfd\xfc\xff\xfe\xfd\xfc\r\n"), 200),
    "a tag of bytes": (get(more=b"if-none-match: \xff\r\n"), 200),
    "a language of bytes": (get(b"/api/patches/latest", b"accept: \xff/\xfe;q=\xff\r\naccept-encoding: \xff\r\n"), 200),
    "a range": (get(b"/api/patches/latest", b"range: bytes=0-0,-1,5-\r\n"), 200),
    # The first line.
    "no request": (b"NONSENSE\r\n\r\n", 400),
    "a method in small letters": (b"get /health HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a method that nobody knows": (b"BREW /health HTTP/1.1\r\n" + H + END + b"\r\n", 400),
    "a method that is not ours": (b"PROPFIND /health HTTP/1.1\r\n" + H + END + b"\r\n", 405),
    "TRACE": (b"TRACE /health HTTP/1.1\r\n" + H + END + b"\r\n", 405),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\n" + H + END + b"\r\n", 400),
    "an asterisk": (b"OPTIONS * HTTP/1.1\r\n" + H + END + b"\r\n", 404),
    "no address": (b"GET  HTTP/1.1\r\n" + H + END + b"\r\n", 400),
    "an address of another server": (get(b"http://evil.example/health"), 200),
    "an address with a user": (get(b"http://u:p@evil.example/health"), 200),
    "an address without a slash": (get(b"health"), 400),
    "a fragment": (get(b"/health#x"), 200),
    "a space in the address": (get(b"/he alth"), 400),
    "bytes in the address": (get(b"/\xff\xfe"), 400),
    "bytes in the address, escaped": (get(b"/%ff%fe"), 404),
    "a zero byte, escaped": (get(b"/api/patches/1%00"), 404),
    "an escape that is none": (get(b"/%zz"), 404),
    "up and out": (get(b"/api-docs/files/../../../../etc/passwd"), 404),
    "up and out, escaped": (get(b"/api-docs/files/..%2f..%2f..%2fetc%2fpasswd"), 404),
    "up and out, escaped twice": (get(b"/api-docs/files/%252e%252e%252fetc%252fpasswd"), 404),
    "two slashes": (get(b"//health"), 200),
    "a query of bytes": (get(b"/api/patches/search?q=%ff%fe%00"), 200),
    "a line break, escaped": (get(b"/health%0d%0aset-cookie:%20a=b"), 404),
    "HTTP/1.0": (b"GET /health HTTP/1.0\r\n\r\n", 200),
    "HTTP/0.9": (b"GET /health\r\n\r\n", 400),
    "HTTP/2 by name": (get(version=b"HTTP/2.0"), 400),
    "HTTP/9": (get(version=b"HTTP/9.9"), 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "a protocol of another name": (get(version=b"ICAP/1.0"), 400),
    "TLS on the wrong port": (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(128, 255)) + b"\r\n\r\n",
        400,
    ),
    "an upgrade to a WebSocket": (
        get(more=b"upgrade: websocket\r\n").replace(END, b"connection: close, upgrade\r\n"),
        200,
    ),
    "an upgrade to HTTP/2": (
        get(more=b"upgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n").replace(END, b"connection: close, upgrade\r\n"),
        200,
    ),
    # Bodies.
    "a body that is not UTF-8": (post(b'{"username":"\xff\xfe"}'), 400),
    "half a surrogate": (post(b'{"username":"\\ud800","password":"x"}'), 400),
    "a body in UTF-16": (post('{"username":"a"}'.encode("utf-16")), 400),
    "brackets, 60,000 deep": (post(b"[" * 60_000), 400),
    "objects, 60,000 deep": (post(b'{"a":' * 60_000), 400),
    "a number of 100,000 digits": (post(b'{"username":' + b"9" * 100_000 + b"}"), 400),
    "a number beyond all": (post(b'{"username":1e999999}'), 400),
    "not a number": (post(b'{"username":NaN}'), 400),
    "a million bytes of nothing": (post(b" " * 1_000_000), 400),
    "one byte too many": (post(b" " * 1_000_001), 413),
    "names by the thousand": (post(b"{" + b",".join(b'"%d":0' % n for n in range(50_000)) + b"}"), 400),
    "50 MB in 50 kB": (post(_ZEROS, b"content-encoding: gzip\r\n"), 415),
    "50 MB in 50 kB, deflated": (post(zlib.compress(b"0" * 50_000_000), b"content-encoding: deflate\r\n"), 415),
    "a coding of the way": (chunked(b"%x\r\n%b\r\n0\r\n\r\n" % (len(_ZEROS), _ZEROS), coding=b"gzip, chunked"), 400),
    "an encoding that nobody knows": (post(b"{}", b"content-encoding: x\r\n"), 415),
    "no type": (post(b"{}").replace(JSON, b""), 415),
    "a form": (post(b"a=b").replace(JSON, b"content-type: application/x-www-form-urlencoded\r\n"), 415),
    "parts": (post(b"--x\r\n").replace(JSON, b"content-type: multipart/form-data; boundary=x\r\n"), 415),
    "a read with a body": (get(b"/health", b"content-length: 2\r\n" + JSON) + b"{}", 200),
    "a continuation that is not asked for": (post(b"{}", b"expect: something\r\n"), 400),
}
