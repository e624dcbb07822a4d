"""A GTK 3 text view. Usage: gtk3.py FILE TITLE [secretive]

It corrects "teh" to "the" while it is typed, as some applications do. A secretive one never owns the primary selection.
"""

import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

from target import Report  # noqa: E402

report = Report(sys.argv[1])
window = Gtk.Window(title=sys.argv[2])
window.set_default_size(600, 400)
view = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR)
buffer = view.get_buffer()
scrolled = Gtk.ScrolledWindow()
scrolled.add(view)
window.add(scrolled)
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


def correct(*_):
    found = buffer.get_start_iter().forward_search("teh", Gtk.TextSearchFlags.TEXT_ONLY, None)
    if found:
        start = found[0].get_offset()
        buffer.delete(*found)
        buffer.insert(buffer.get_iter_at_offset(start), "the")


def clear(*_):
    report.take_request()
    buffer.set_text("")
    changed()
    return True


buffer.connect("changed", changed)
buffer.connect("end-user-action", correct)
window.connect("destroy", Gtk.main_quit)
GLib.io_add_watch(report.requests, GLib.IO_IN, clear)
window.show_all()
view.grab_focus()
if sys.argv[3:] == ["secretive"]:
    buffer.remove_selection_clipboard(Gtk.Clipboard.get(Gdk.SELECTION_PRIMARY))
write()
Gtk.main()
