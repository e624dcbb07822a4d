"""Write a picture of the whole display: `screenshot.py FILE`, a PNG."""

import sys

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk  # noqa: E402

root = Gdk.get_default_root_window()
pixels = Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())
pixels.savev(sys.argv[1], "png", ["compression"], ["9"])
