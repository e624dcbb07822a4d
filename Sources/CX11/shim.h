// Xlib, XKB, XTEST, XInput, X-Resource, the authority file, and libxkbcommon's keysym table.
// The functions below stand for function-like macros, which Swift does not import.
#include <X11/XKBlib.h>
#include <X11/Xatom.h>
#include <X11/Xauth.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XInput.h>
#include <X11/extensions/XInput2.h>
#include <X11/extensions/XRes.h>
#include <X11/extensions/XTest.h>
#include <X11/keysym.h>
#include <xkbcommon/xkbcommon.h>

static inline int thoth_key_groups(XkbDescPtr keyboard, int keycode) {
  return XkbKeyNumGroups(keyboard, keycode);
}
static inline XkbKeyTypePtr thoth_key_type(XkbDescPtr keyboard, int keycode, int group) {
  return XkbKeyKeyType(keyboard, keycode, group);
}
static inline KeySym thoth_key_symbol(XkbDescPtr keyboard, int keycode, int group, int level) {
  return XkbKeySymEntry(keyboard, keycode, level, group);
}
static inline void thoth_set_key_symbol(XkbDescPtr keyboard, int keycode, int level, KeySym symbol) {
  XkbKeySymsPtr(keyboard, keycode)[level] = symbol;
}
