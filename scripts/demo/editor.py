"""A text editor. Writes the text it holds to standard output whenever it changes, as a line of JSON.

The first line, "", says that the window has the focus.
"""

import json

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

Gdk.set_program_class("Editor")
STYLE = b"textview { font: 20px 'DejaVu Sans'; padding: 12px; }"

last = None


def tell() -> bool:
    global last
    text = buffer.get_text(buffer.get_start_iter(), buffer.get_end_iter(), True)
    if text != last:
        print(json.dumps(text), flush=True)
        last = text
    return False


def tell_when_drawn(*_: object) -> bool:
    GLib.idle_add(tell, priority=GLib.PRIORITY_LOW)
    return False


style = Gtk.CssProvider()
style.load_from_data(STYLE)
Gtk.StyleContext.add_provider_for_screen(
    Gdk.Screen.get_default(), style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION
)

window = Gtk.Window(title="Letter")
window.set_default_size(876, 140)
view = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD)
buffer = view.get_buffer()
buffer.connect("changed", tell_when_drawn)
view.connect("focus-in-event", tell_when_drawn)
window.connect("destroy", Gtk.main_quit)
window.add(view)
window.show_all()
Gtk.main()
