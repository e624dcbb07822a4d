"""A Tk text widget. Usage: tk.py FILE TITLE"""

import sys
import tkinter

from target import Report

report = Report(sys.argv[1])
window = tkinter.Tk(className="target")
window.title(sys.argv[2])
area = tkinter.Text(window)
area.pack()
area.focus_set()
pending = False


def write():
    global pending
    pending = False
    report.text(area.get("1.0", "end-1c"))


def changed(*_):
    # Once for all the changes that wait in the queue.
    global pending
    area.edit_modified(False)
    if not pending:
        pending = True
        window.after_idle(write)


def clear(*_):
    report.take_request()
    area.delete("1.0", "end")
    changed()


area.bind("<<Modified>>", changed)
window.createfilehandler(report.requests, tkinter.READABLE, clear)
write()
window.mainloop()
