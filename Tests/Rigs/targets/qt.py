"""A plain text editor of Qt 5 and Qt 6, which the targets of that name hand their modules."""

import sys

from target import Report


def show(core, widgets):
    """Run it until its window is closed."""
    report = Report(sys.argv[1])
    application = widgets.QApplication(["target"])
    editor = widgets.QPlainTextEdit()
    editor.setWindowTitle(sys.argv[2])
    editor.resize(600, 400)
    timer = core.QTimer()
    timer.setSingleShot(True)
    # toPlainText() makes ordinary spaces of no-break spaces.
    timer.timeout.connect(lambda: report.text(editor.document().toRawText().replace("\u2029", "\n")))
    editor.textChanged.connect(lambda: timer.start(0))
    notifier = core.QSocketNotifier(report.requests, core.QSocketNotifier.Type.Read)

    def clear(*_):
        report.take_request()
        editor.setPlainText("")
        timer.start(0)

    notifier.activated.connect(clear)
    editor.show()
    report.text("")
    application.exec()
