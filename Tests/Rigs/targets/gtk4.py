"""A GTK 4 text view. Usage: gtk4.py FILE TITLE"""

import sys

import gi

gi.require_version("Gtk", "4.0")
from gi.repository import GLib, Gtk  # noqa: E402

from target import Report  # noqa: E402

report = Report(sys.argv[1])
GLib.set_prgname("target")  # what WM_CLASS is made of
Gtk.init()
window = Gtk.Window(title=sys.argv[2])
window.set_default_size(600, 400)
view = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR)
buffer = view.get_buffer()
window.set_child(Gtk.ScrolledWindow(child=view))
loop = GLib.MainLoop()
pending = False


def write():
    global pending
    pending = False
    report.text(buffer.get_text(buffer.get_start_iter(), buffer.get_end_iter(), True))
    return False


def changed(*_):
    # Once for all the changes that wait in the queue.
    global pending
    if not pending:
        pending = True
        GLib.idle_add(write, priority=GLib.PRIORITY_LOW)


def clear(*_):
    report.take_request()
    buffer.set_text("")
    changed()
    return True


buffer.connect("changed", changed)
window.connect("close-request", lambda *_: loop.quit())
GLib.io_add_watch(report.requests, GLib.IO_IN, clear)
window.present()
view.grab_focus()
write()
loop.run()
