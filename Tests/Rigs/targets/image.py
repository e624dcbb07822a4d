"""Owns the clipboard with a picture, in every format that GTK 3 can write. Says `owns` when it does."""

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GdkPixbuf, GLib, Gtk  # noqa: E402

size = 64
pixels = bytes(value * 5 % 256 for value in range(size * size * 3))
picture = GdkPixbuf.Pixbuf.new_from_bytes(
    GLib.Bytes.new(pixels), GdkPixbuf.Colorspace.RGB, False, 8, size, size, size * 3)
clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
clipboard.set_image(picture)
print("owns", flush=True)
Gtk.main()
