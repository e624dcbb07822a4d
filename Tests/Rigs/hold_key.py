"""Holds keys down as fingers do: on the server's own keyboard, not on the XTEST one.

Usage: hold_key.py KEYSYM...    Presses the keys and prints "held" and the number of the keyboard; a line on
                                standard input releases them and prints "released". At the end of the input
                                the keys stay as they are.
"""

import ctypes
import sys

xlib = ctypes.CDLL("libX11.so.6")
xinput = ctypes.CDLL("libXi.so.6")
xtest = ctypes.CDLL("libXtst.so.6")


class DeviceInfo(ctypes.Structure):
    _fields_ = [
        ("id", ctypes.c_ulong), ("type", ctypes.c_ulong), ("name", ctypes.c_char_p),
        ("classes", ctypes.c_int), ("use", ctypes.c_int), ("info", ctypes.c_void_p),
    ]


xlib.XOpenDisplay.restype = ctypes.c_void_p
xlib.XStringToKeysym.restype = ctypes.c_ulong
xinput.XListInputDevices.restype = ctypes.POINTER(DeviceInfo)
xinput.XOpenDevice.restype = ctypes.c_void_p

display = ctypes.c_void_p(xlib.XOpenDisplay(None))
count = ctypes.c_int()
devices = xinput.XListInputDevices(display, ctypes.byref(count))
keyboard = next(
    devices[i].id for i in range(count.value)
    if b"keyboard" in devices[i].name and b"XTEST" not in devices[i].name and b"core" not in devices[i].name
)
device = ctypes.c_void_p(xinput.XOpenDevice(display, ctypes.c_ulong(keyboard)))
keycodes = [
    xlib.XKeysymToKeycode(display, ctypes.c_ulong(xlib.XStringToKeysym(name.encode())))
    for name in sys.argv[1:]
]


def press(down):
    for keycode in keycodes if down else reversed(keycodes):
        xtest.XTestFakeDeviceKeyEvent(display, device, keycode, down, None, 0, ctypes.c_ulong(0))
    xlib.XSync(display, 0)


press(1)
print("held", keyboard, flush=True)
if sys.stdin.readline():
    press(0)
    print("released", flush=True)
