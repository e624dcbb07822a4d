"""A document in LibreOffice Writer. Usage: libreoffice.py FILE TITLE"""

import os
import select
import signal
import subprocess
import sys
import time

import uno
from com.sun.star.connection import NoConnectException

from target import Report

LOOK = 0.02  # s; Writer tells of changes too seldom, so it is looked at

report = Report(sys.argv[1])
pipe = "thoth-" + sys.argv[1].replace("/", "-")
office = subprocess.Popen(
    [
        "soffice", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard", f"--accept=pipe,name={pipe};urp",
        f"-env:UserInstallation=file://{sys.argv[1]}.profile",
    ],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
)


def end(*_):
    # soffice is a script that starts the program.
    os.killpg(office.pid, signal.SIGTERM)
    sys.exit()


def connect():
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    while office.poll() is None:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.1)
    sys.exit("LibreOffice ended")


signal.signal(signal.SIGTERM, end)
context = connect()
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
document = desktop.loadComponentFromURL("private:factory/swriter", "_blank", 0, ())
document.CurrentController.Frame.Title = sys.argv[2]
document.CurrentController.Frame.ContainerWindow.setFocus()

while True:
    ready, _, _ = select.select([report.requests], [], [], LOOK)
    if ready:
        report.take_request()
        document.Text.String = ""
    report.text(document.Text.String)
