"""Holds a key down as a finger does: on the server's own keyboard, not on the XTEST one.

Usage: hold_key.py KEYSYM    Presses the key and prints "held"; a line on standard input releases it and
                             prints "released". At the end of the input the key stays as it is.
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
symbol = ctypes.c_ulong(xlib.XStringToKeysym(sys.argv[1].encode()))
keycode = xlib.XKeysymToKeycode(display, symbol)


def press(down):
    xtest.XTestFakeDeviceKeyEvent(display, device, keycode, down, None, 0, ctypes.c_ulong(0))
    xlib.XSync(display, 0)


press(1)
print("held", flush=True)
if sys.stdin.readline():
    press(0)
    print("released", flush=True)
