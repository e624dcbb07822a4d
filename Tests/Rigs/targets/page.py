"""A text area on a page of our own, in the browser that a target starts."""

import http.server
import signal
import subprocess
import sys
import threading

from target import Report

PAGE = b"""<!doctype html><meta charset="utf-8"><title>TITLE</title>
<textarea id="area" rows="25" cols="80" autofocus spellcheck="false"></textarea>
<script>
const area = document.getElementById("area");
area.focus();
const send = () => fetch("/text", {method: "POST", body: area.value});
let sending = Promise.resolve(), waiting = false;
const changed = () => {
  if (waiting) return;
  waiting = true;
  sending = sending.then(() => { waiting = false; return send(); });
};
area.addEventListener("input", changed);
area.addEventListener("keydown", event => {
  if (event.key != "Tab") return;
  event.preventDefault();
  document.execCommand("insertText", false, "\\t");
});
(async () => {
  changed();
  while (true) { await fetch("/clear"); area.value = ""; area.focus(); changed(); }
})();
</script>"""

report = Report(sys.argv[1])
clear = threading.Semaphore(0)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, body, kind="text/plain"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/clear":
            clear.acquire()
            self.reply(b"")
        elif self.path == "/":
            self.reply(PAGE.replace(b"TITLE", sys.argv[2].encode()), "text/html")
        else:
            self.reply(b"")

    def do_POST(self):
        report.text(self.rfile.read(int(self.headers["Content-Length"])))
        self.reply(b"")


def requests():
    while report.wait():
        clear.release()


def show(command):
    """Serve the page, and run the browser `command`, whose last word the address completes, until it ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=requests, daemon=True).start()
    command[-1] += f"http://127.0.0.1:{server.server_port}/"
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: browser.terminate())
    browser.wait()
