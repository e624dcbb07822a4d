"""Grabs the keyboard as a lock screen does, until a line comes. Prints "grabbed", then "released"."""

import ctypes
import sys

xlib = ctypes.CDLL("libX11.so.6")
xlib.XOpenDisplay.restype = ctypes.c_void_p
xlib.XDefaultRootWindow.restype = ctypes.c_ulong

display = ctypes.c_void_p(xlib.XOpenDisplay(None))
root = ctypes.c_ulong(xlib.XDefaultRootWindow(display))
# The root window, both ways asynchronous, now.
if xlib.XGrabKeyboard(display, root, 1, 1, 1, ctypes.c_ulong(0)):
    sys.exit("the keyboard cannot be grabbed")
xlib.XSync(display, 0)
print("grabbed", flush=True)
sys.stdin.readline()
xlib.XUngrabKeyboard(display, ctypes.c_ulong(0))
xlib.XSync(display, 0)
print("released", flush=True)
