"""A document in LibreOffice Writer. Usage: libreoffice.py FILE TITLE"""

import select
import subprocess
import sys
import time

import uno
from com.sun.star.connection import NoConnectException

from target import Report

LOOK = 0.02  # s; Writer tells of changes too seldom, so it is looked at

report = Report(sys.argv[1])
pipe = "thoth-" + sys.argv[1].replace("/", "-")
RESTART = 81  # the exit code with which it asks to be started again, as it does with a new profile


def start():
    return subprocess.Popen(
        [
            # It may hang, and then ends with this program none the less.
            "setpriv", "--pdeathsig", "KILL", "/usr/lib/libreoffice/program/soffice.bin", "--writer", "--norestore",
            "--nologo", "--nofirststartwizard", f"--accept=pipe,name={pipe};urp",
            f"-env:UserInstallation=file://{sys.argv[1]}.profile",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def connect():
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    office = start()
    while office.poll() in (None, RESTART):
        if office.returncode == RESTART:
            office = start()
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
    sys.exit(f"LibreOffice ended with {office.returncode}")


context = connect()
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
# It opens the document by itself: asked for one while it starts, it can hang.
while not (document := desktop.CurrentComponent):
    time.sleep(0.1)
document.CurrentController.Frame.Title = sys.argv[2]

while True:
    ready, _, _ = select.select([report.requests], [], [], LOOK)
    if ready:
        report.take_request()
        document.Text.String = ""
    report.text(document.Text.String)
