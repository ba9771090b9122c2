"""A reverse proxy that serves one server below a path of its own."""

import http.client
import http.server
import threading

HOP = {"connection", "keep-alive", "transfer-encoding", "host", "server",
       "date"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def relay(self):
        server = self.server
        if not self.path.startswith(server.path + "/"):
            self.send_error(404)
            return
        length = int(self.headers.get("Content-Length") or 0)
        headers = {k: v for k, v in self.headers.items()
                   if k.lower() not in HOP}
        host, proto, prefix = server.says
        headers.update({"X-Forwarded-For": self.client_address[0],
                        "X-Forwarded-Proto": proto, "X-Forwarded-Host": host,
                        "X-Forwarded-Prefix": prefix})
        to = http.client.HTTPConnection("127.0.0.1", server.to_port)
        to.request(self.command, self.path[len(server.path):],
                   self.rfile.read(length), headers)
        answer = to.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in HOP | {"content-length"}:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        to.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = relay

    def log_message(self, *_):
        pass


class Proxy(http.server.ThreadingHTTPServer):
    """`url` is where it serves; what it says of that is up to a test."""

    daemon_threads = True

    def __init__(self, server, path="/catalog"):
        super().__init__(("127.0.0.1", 0), Handler)
        self.to_port, self.path = server.port, path
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.url = f"http://{self.host}{path}"
        self.first_password = server.first_password
        self.says = (self.host, "http", path)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
