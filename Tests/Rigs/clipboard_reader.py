"""Prints every format of a selection as one JSON object: its type, its unit in bits, its size and digest.

Usage: clipboard_reader.py CLIPBOARD|PRIMARY
"""

import hashlib
import json
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

# Targets that are questions about the selection, and none of its formats.
QUESTIONS = {"TARGETS", "MULTIPLE", "TIMESTAMP", "SAVE_TARGETS", "DELETE", "INSERT_SELECTION", "INSERT_PROPERTY"}

clipboard = Gtk.Clipboard.get(Gdk.Atom.intern(sys.argv[1], False))
_, targets = clipboard.wait_for_targets()
formats = {}
for target in targets or []:
    if target.name() in QUESTIONS:
        continue
    content = clipboard.wait_for_contents(target)
    data = content and content.get_data()
    formats[target.name()] = data is not None and [
        content.get_data_type().name(), content.get_format(), len(data), hashlib.sha256(data).hexdigest(),
    ]
print(json.dumps(formats))
