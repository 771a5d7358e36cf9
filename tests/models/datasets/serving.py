"""A server on this machine that gives files in every way in which the network goes wrong, by how its path begins."""

from __future__ import annotations

import http.server
import re
import ssl
import tempfile
import threading
from contextlib import contextmanager

# Made for these tests alone: a key for localhost that no machine trusts.
SELF_SIGNED = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgR13CuUSQFu8oWxPN
iphsInNEkJ73sdOxnJo3+vEbx9ehRANCAATT3LRJnlH7CghgqvWbEhx1CGG5whgV
/cPQJaPgsS6e4X5MypthoREieHp1KjUICK/tm/71pHfAIQE2SftjWYJd
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUH5rIValh276HDbWHrFgQV2qbg20wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTAwMTkzN1oYDzIxMjYxMDI4
MDAxOTM3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATT3LRJnlH7CghgqvWbEhx1CGG5whgV/cPQJaPgsS6e4X5MypthoREi
eHp1KjUICK/tm/71pHfAIQE2SftjWYJdo28wbTAdBgNVHQ4EFgQU+eThdvgPxLjC
ZOFJwy5CjeIh6KEwHwYDVR0jBBgwFoAU+eThdvgPxLjCZOFJwy5CjeIh6KEwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgWMfL07lXsRbb6tx3o3N5sRTJxfC/opCPjIYy9TSAHNACIQDt
VnpDj9vjzigXthR+TLJq5Xss7ZhIeOhtG4KvfSOdbg==
-----END CERTIFICATE-----
"""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers `/mood/name` with the file of that name, in that mood."""

    def do_GET(self):
        _, mood, name = self.path.split("/")
        self.server.asked.append((mood, name, self.headers.get("Range")))
        content = self.server.files.get(name)
        if mood in ("403", "404", "503"):
            self.send_error(int(mood))
        elif mood == "503-once" and self.server.asked.count((mood, name, None)) == 1:
            self.send_error(503)
        elif mood == "moved":
            self.send_response(302)
            self.send_header("Location", f"/good/{name}")
            self.end_headers()
        elif mood == "mute":
            self.server.closing.wait(20)
        elif content is None:
            self.send_error(404)
        else:
            self.give(mood, content)

    def give(self, mood, content):
        if mood == "page":
            content = b"<!DOCTYPE html><html>Please log in</html>"
        if mood == "changed":
            content = content[:-20] + bytes(20)
        asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        begin = int(asked[1]) if asked and mood in ("cut", "cut-once") else 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        if mood == "huge":
            self.send_header("Content-Length", str(10**12))
        elif mood not in ("unmeasured", "endless"):
            self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        half = len(content) // 2
        try:
            self.pour(mood, content[begin:], 0 if begin else half)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it wanted no more

    def pour(self, mood, content, half):
        if mood == "endless":
            while not self.server.closing.is_set():
                self.wfile.write(bytes(2**16))
        elif mood == "cut" or (mood == "cut-once" and half):
            self.wfile.write(content[:half])
        elif mood == "stall":
            self.wfile.write(content[:half])
            self.wfile.flush()
            self.server.closing.wait(20)
        elif mood == "drip":
            while not self.server.closing.wait(0.05):
                self.wfile.write(b"\0")
        elif mood == "held":
            sent = 0  # just fast enough not to count as silent
            while sent < len(content) and not self.server.released.wait(0.1):
                self.wfile.write(content[sent : sent + 20])
                sent += 20
            self.wfile.write(content[sent:])
        elif mood == "slow":
            share = max(2000, len(content) // 20)
            for start in range(0, len(content), share):
                self.wfile.write(content[start : start + share])
                self.server.closing.wait(0.05)
        else:
            self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(files, *, secure=False):
    """Serve contents by name; gives the server, whose `url(mood)` is the folder that answers in that mood."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked = files, []
    server.closing, server.released = threading.Event(), threading.Event()
    server.url = lambda mood: f"http{'s' * secure}://127.0.0.1:{server.server_port}/{mood}/"
    server.handle_error = lambda *arguments: None
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
            both.write(SELF_SIGNED)
            both.flush()
            context.load_cert_chain(both.name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
