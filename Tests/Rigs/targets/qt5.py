"""A Qt 5 plain text editor. Usage: qt5.py FILE TITLE"""

import sys

from PyQt5 import QtCore, QtWidgets

from target import Report

report = Report(sys.argv[1])
application = QtWidgets.QApplication(["target"])
editor = QtWidgets.QPlainTextEdit()
editor.setWindowTitle(sys.argv[2])
editor.resize(600, 400)
timer = QtCore.QTimer()
timer.setSingleShot(True)
timer.timeout.connect(lambda: report.text(editor.toPlainText()))
editor.textChanged.connect(lambda: timer.start(0))
notifier = QtCore.QSocketNotifier(report.requests, QtCore.QSocketNotifier.Read)


def clear(*_):
    report.take_request()
    editor.setPlainText("")
    timer.start(0)


notifier.activated.connect(clear)
editor.show()
report.text("")
application.exec_()
