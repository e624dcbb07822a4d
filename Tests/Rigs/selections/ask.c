#include "selections.h"

static Window awaited;
static int awaited_type;

static Bool is_awaited(Display *display, XEvent *event, XPointer argument) {
  return event->type == awaited_type && event->xany.window == awaited;
}

/// Waits for an event; the others stay for later.
static void next(Window at, int type, XEvent *event) {
  awaited = at;
  awaited_type = type;
  XIfEvent(display, event, is_awaited, NULL);
}

static int read_property(Window at, Atom property, Value *result) {
  unsigned long items, rest;
  unsigned char *bytes;
  if (XGetWindowProperty(display, at, property, 0, 1 << 28, True, AnyPropertyType, &result->type, &result->format,
                         &items, &rest, &bytes))
    return 0;
  result->count = items;
  result->bytes = bytes;
  return result->type != None;
}

static int read_increments(Window at, Atom property, Value *result) {
  long total = 0;
  unsigned char *all = NULL;
  for (XEvent event;;) {
    next(at, PropertyNotify, &event);
    if (event.xproperty.atom != property || event.xproperty.state != PropertyNewValue) continue;
    if (!read_property(at, property, result)) continue;
    if (!result->count) break;
    long bytes = result->count * (result->format == 32 ? sizeof(long) : result->format / 8);
    all = realloc(all, total + bytes);
    memcpy(all + total, result->bytes, bytes);
    total += bytes;
    XFree(result->bytes);
  }
  result->bytes = all;
  result->count = total / (result->format == 32 ? sizeof(long) : result->format / 8);
  return 1;
}

int get(Window at, Atom selection, Atom target, Time time, Value *result) {
  XEvent event;
  result->target = target;
  XConvertSelection(display, selection, target, target, at, time);
  next(at, SelectionNotify, &event);
  if (event.xselection.property == None || !read_property(at, target, result)) return 0;
  return result->type == atom("INCR") ? read_increments(at, target, result) : 1;
}

static void tell(const char *label, Atom target, Time time) {
  Value value;
  if (!get(window, atom("CLIPBOARD"), target, time, &value)) {
    say("%s: refused", label);
    return;
  }
  char *type = XGetAtomName(display, value.type);
  say("%s: %s %d %ld", label, type, value.format, value.count);
}

static void multiple(void) {
  Atom pairs[] = {atom("UTF8_STRING"), atom("RIG_A"), atom("RIG_NONE"), atom("RIG_B"), atom("TIMESTAMP"), atom("RIG_C"),
                  atom("STRING"), None, atom("MULTIPLE"), atom("RIG_D")};
  XEvent event;
  Value list, value;
  XChangeProperty(display, window, atom("RIG_LIST"), atom("ATOM_PAIR"), 32, PropModeReplace, (unsigned char *)pairs, 10);
  XConvertSelection(display, atom("CLIPBOARD"), atom("MULTIPLE"), atom("RIG_LIST"), window, CurrentTime);
  next(window, SelectionNotify, &event);
  if (event.xselection.property == None || !read_property(window, atom("RIG_LIST"), &list)) {
    say("refused");
    return;
  }
  Atom *answered = (Atom *)list.bytes;
  for (long i = 0; i + 1 < list.count; i += 2) {
    char *name = XGetAtomName(display, answered[i]);
    if (answered[i + 1] == None || !read_property(window, answered[i + 1], &value)) {
      say("%s: none", name);
    } else {
      say("%s: %ld", name, value.count);
    }
  }
}

static void obsolete(Atom target, const char *label) {
  XEvent event;
  Value value;
  XConvertSelection(display, atom("CLIPBOARD"), target, None, window, CurrentTime);
  next(window, SelectionNotify, &event);
  if (event.xselection.property == None) {
    say("%s: refused", label);
  } else {
    say("%s: %s", label, read_property(window, event.xselection.property, &value) ? (char *)value.bytes : "nothing");
  }
}

/// Reads the text into so many windows at the same time, one increment of each after the other.
static void several(int count) {
  Window windows[16];
  long totals[16] = {0};
  int open = count;
  for (int i = 0; i < count; i++) {
    windows[i] = XCreateSimpleWindow(display, DefaultRootWindow(display), 0, 0, 1, 1, 0, 0, 0);
    XSelectInput(display, windows[i], PropertyChangeMask);
    XConvertSelection(display, atom("CLIPBOARD"), atom("UTF8_STRING"), atom("RIG_A"), windows[i], CurrentTime);
  }
  while (open > 0) {
    XEvent event;
    Value value;
    XNextEvent(display, &event);
    int isPart = event.type == PropertyNotify && event.xproperty.state == PropertyNewValue;
    if (!isPart || event.xproperty.atom != atom("RIG_A")) continue;
    int i = 0;
    while (windows[i] != event.xproperty.window) i++;
    if (!read_property(windows[i], atom("RIG_A"), &value) || value.type == atom("INCR")) continue;
    totals[i] += value.count;
    if (value.count == 0) open--;
  }
  for (int i = 0; i < count; i++) say("%ld", totals[i]);
}

/// Every target with type, format, number of items and a checksum (FNV-1a), without those that each owner has.
static void content(void) {
  Value list, value;
  if (!get(window, atom("CLIPBOARD"), atom("TARGETS"), CurrentTime, &list)) {
    say("empty");
    return;
  }
  for (long i = 0; i < list.count; i++) {
    Atom target = ((Atom *)list.bytes)[i];
    char *name = XGetAtomName(display, target);
    int isMeta = !strcmp(name, "TARGETS") || !strcmp(name, "MULTIPLE") || !strcmp(name, "TIMESTAMP") ||
                 !strcmp(name, "SAVE_TARGETS");
    if (!isMeta && get(window, atom("CLIPBOARD"), target, CurrentTime, &value)) {
      unsigned long sum = 0xcbf29ce484222325;
      long size = value.count * (value.format == 32 ? sizeof(long) : value.format / 8);
      for (long at = 0; at < size; at++) sum = (sum ^ value.bytes[at]) * 0x100000001b3;
      say("%s %s %d %ld %lx", name, XGetAtomName(display, value.type), value.format, value.count, sum);
    }
    XFree(name);
  }
}

int ask(int count, char **arguments) {
  const char *kind = arguments[0];
  Atom utf8 = atom("UTF8_STRING");
  Value value;
  if (!strcmp(kind, "multiple")) multiple();
  if (!strcmp(kind, "content")) content();
  if (!strcmp(kind, "obsolete")) {
    obsolete(utf8, "text");
    obsolete(atom("MULTIPLE"), "multiple");
  }
  if (!strcmp(kind, "several")) several(atoi(arguments[1]));
  if (!strcmp(kind, "times")) {
    if (!get(window, atom("CLIPBOARD"), atom("TIMESTAMP"), CurrentTime, &value)) return 1;
    Time owned = *(Time *)value.bytes;
    tell("before", utf8, owned - 1);
    tell("at", utf8, owned);
    tell("now", utf8, server_time());
    tell("unknown", atom("RIG_NONE"), CurrentTime);
    tell("save", atom("SAVE_TARGETS"), CurrentTime);
    tell("timestamp", atom("TIMESTAMP"), CurrentTime);
  }
  if (!strcmp(kind, "vanish")) {
    // Begins to read, and is gone.
    XEvent event;
    XConvertSelection(display, atom("CLIPBOARD"), utf8, atom("RIG_A"), window, CurrentTime);
    next(window, SelectionNotify, &event);
    read_property(window, atom("RIG_A"), &value);
    next(window, PropertyNotify, &event);
    say("vanished");
  }
  return 0;
}
