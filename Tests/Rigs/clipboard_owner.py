"""Owns the clipboard as a program of a toolkit does, and prints "owned".

Usage: clipboard_owner.py gtk3|gtk4|qt5 FORMAT=FILE…    FORMAT is a MIME type; with gtk3 text/plain or image/png,
                                                        of which GTK makes all the formats it knows
"""

import sys

toolkit = sys.argv[1]
formats = {}
for word in sys.argv[2:]:
    name, path = word.rsplit("=", 1)
    with open(path, "rb") as file:
        formats[name] = file.read()


def gtk3():
    import gi

    gi.require_version("Gdk", "3.0")
    gi.require_version("Gtk", "3.0")
    from gi.repository import Gdk, GdkPixbuf, GLib, Gtk

    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
    for name, data in formats.items():
        if name == "text/plain":
            clipboard.set_text(data.decode(), -1)
        else:
            loader = GdkPixbuf.PixbufLoader()
            loader.write(data)
            loader.close()
            clipboard.set_image(loader.get_pixbuf())
    GLib.idle_add(print_owned)
    Gtk.main()


def gtk4():
    import gi

    gi.require_version("Gdk", "4.0")
    gi.require_version("Gtk", "4.0")
    from gi.repository import Gdk, GLib, Gtk

    Gtk.init()
    providers = [Gdk.ContentProvider.new_for_bytes(name, GLib.Bytes(data)) for name, data in formats.items()]
    Gdk.Display.get_default().get_clipboard().set_content(Gdk.ContentProvider.new_union(providers))
    GLib.idle_add(print_owned)
    GLib.MainLoop().run()


def qt5():
    from PyQt5 import QtCore, QtGui

    application = QtGui.QGuiApplication(["owner"])
    content = QtCore.QMimeData()
    for name, data in formats.items():
        content.setData(name, data)
    application.clipboard().setMimeData(content)
    QtCore.QTimer.singleShot(0, print_owned)
    application.exec()


def print_owned():
    print("owned", flush=True)
    return False


{"gtk3": gtk3, "gtk4": gtk4, "qt5": qt5}[toolkit]()
