"""What every target application does: it writes the text it holds to a file,
and empties itself on request. `Report` keeps the files; a target calls it from its own event loop.

FILE        the text, replaced as a whole whenever it changes
FILE.clear  a FIFO: a byte in it empties the target
"""

import os
import select


class Report:
    def __init__(self, path):
        self.path = path
        self.last = None
        os.mkfifo(path + ".clear")
        # Opened for both directions, so that it never reports an end of file between two requests.
        self.requests = os.open(path + ".clear", os.O_RDWR | os.O_NONBLOCK)

    def text(self, text):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        if data == self.last:
            return
        self.last = data
        with open(self.path + ".part", "wb") as file:
            file.write(data)
        os.rename(self.path + ".part", self.path)

    def take_request(self):
        os.read(self.requests, 64)
        self.last = None

    def wait(self):
        select.select([self.requests], [], [])
        self.take_request()
        return True
