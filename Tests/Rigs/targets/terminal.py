"""Runs inside a terminal emulator with a raw tty and records the bytes that arrive. Usage: terminal.py FILE"""

import os
import select
import sys
import tty

from target import Report

report = Report(sys.argv[1])
tty.setraw(0)
received = b""
report.text(received)
while True:
    ready, _, _ = select.select([0, report.requests], [], [])
    if report.requests in ready:
        report.take_request()
        received = b""
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            break
        received += data
        os.write(1, data.replace(b"\r", b"\r\n"))  # so that the terminal has to draw it too
    if not select.select([0], [], [], 0)[0]:
        report.text(received.replace(b"\r", b"\n"))
