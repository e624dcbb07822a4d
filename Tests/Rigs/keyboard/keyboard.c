/* Tells the state of the keyboard, and brings it into one.

   Usage: keyboard [COMMAND...]     The commands are carried out in order, then the state is printed as one line.

   lock=MASK latch=MASK     lock or latch exactly these modifiers
   group=N latchgroup=N     lock or latch a group, from 0
   on=MASK off=MASK         switch XKB controls (XkbStickyKeysMask and its like)
   options=MASK             the options of the sticky keys (XkbAX_TwoKeysMask and its like)
   down=KEYCODE up=KEYCODE  press or release a key of the XTEST keyboard
   Numbers are written as strtoul(3) reads them. */

#include <X11/XKBlib.h>
#include <X11/extensions/XTest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Display *display;

static XkbDescPtr controls(void) {
  XkbDescPtr keyboard = XkbAllocKeyboard();
  if (keyboard == NULL || XkbGetControls(display, XkbAllControlsMask, keyboard) != Success) exit(1);
  return keyboard;
}

static void carry_out(const char *name, unsigned value) {
  if (!strcmp(name, "lock")) {
    XkbLockModifiers(display, XkbUseCoreKbd, 0xFF, value);
  } else if (!strcmp(name, "latch")) {
    XkbLatchModifiers(display, XkbUseCoreKbd, 0xFF, value);
  } else if (!strcmp(name, "group")) {
    XkbLockGroup(display, XkbUseCoreKbd, value);
  } else if (!strcmp(name, "latchgroup")) {
    XkbLatchGroup(display, XkbUseCoreKbd, value);
  } else if (!strcmp(name, "on")) {
    XkbChangeEnabledControls(display, XkbUseCoreKbd, value, value);
  } else if (!strcmp(name, "off")) {
    XkbChangeEnabledControls(display, XkbUseCoreKbd, value, 0);
  } else if (!strcmp(name, "options")) {
    XkbDescPtr keyboard = controls();
    keyboard->ctrls->ax_options = value;
    XkbSetControls(display, XkbStickyKeysMask, keyboard);
  } else if (!strcmp(name, "down") || !strcmp(name, "up")) {
    XTestFakeKeyEvent(display, value, !strcmp(name, "down"), 0);
  } else {
    fprintf(stderr, "keyboard: %s?\n", name);
    exit(2);
  }
}

static void print(void) {
  XkbStateRec state;
  XkbGetState(display, XkbUseCoreKbd, &state);
  XkbDescPtr keyboard = controls();
  printf("base %#x latched %#x locked %#x, group %d+%d+%d, controls %#x, options %#x, down:", state.base_mods,
    state.latched_mods, state.locked_mods, state.base_group, state.latched_group, state.locked_group,
    keyboard->ctrls->enabled_ctrls, keyboard->ctrls->ax_options);
  char keys[32];
  XQueryKeymap(display, keys);
  for (int code = 0; code < 256; code++)
    if (keys[code / 8] & 1 << code % 8) printf(" %d", code);
  printf("\n");
}

int main(int count, char **arguments) {
  display = XOpenDisplay(NULL);
  if (display == NULL) return 1;
  for (int i = 1; i < count; i++) {
    char *value = strchr(arguments[i], '=');
    if (value == NULL) return 2;
    *value = 0;
    carry_out(arguments[i], strtoul(value + 1, NULL, 0));
    XSync(display, False);
  }
  print();
  return 0;
}
