"""An application of the embedded engine that takes its time: it makes a file `asked` beside its socket when it is given
work, and answers once there is a file `go`. Its options are those of the real one."""

import argparse
import http.server
import os
import pathlib
import socketserver
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--uds", type=pathlib.Path)
parser.add_argument("--ready-fd", type=int)
parser.add_argument("--lifeline-fd", type=int)
options, _ = parser.parse_known_args()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        (options.uds.parent / "asked").touch()
        while not (options.uds.parent / "go").exists():
            time.sleep(0.01)
        body = b'{"text":"all is well"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # there is no address to write


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def end_with_parent():
    os.read(options.lifeline_fd, 1)
    os._exit(0)


options.uds.unlink(missing_ok=True)
with Server(str(options.uds), Handler) as server:
    threading.Thread(target=end_with_parent, daemon=True).start()
    os.write(options.ready_fd, b"ready\n")
    server.serve_forever()
