#include "selections.h"

typedef struct {
  Window requestor;
  Atom property;
  Value *value;
  long sent;
} Transfer;

static Transfer transfers[64];
static int transfer_count;

static long size(const Value *value) { return value->format == 32 ? sizeof(long) : value->format / 8; }

static void put(Window requestor, Atom property, Value *value, long increment) {
  if (!increment || value->count * size(value) <= increment) {
    XChangeProperty(display, requestor, property, value->type, value->format, PropModeReplace, value->bytes,
                    value->count);
    return;
  }
  long total = value->count * size(value);
  XSelectInput(display, requestor, PropertyChangeMask);
  XChangeProperty(display, requestor, property, atom("INCR"), 32, PropModeReplace, (unsigned char *)&total, 1);
  transfers[transfer_count++ % 64] = (Transfer){requestor, property, value, 0};
}

static void proceed(XPropertyEvent *event, long increment) {
  for (int i = 0; i < 64; i++) {
    Transfer *transfer = &transfers[i];
    if (!transfer->value || transfer->requestor != event->window || transfer->property != event->atom) continue;
    long left = transfer->value->count - transfer->sent, step = increment / size(transfer->value);
    long items = left < step ? left : step;
    XChangeProperty(display, transfer->requestor, transfer->property, transfer->value->type,
                    transfer->value->format, PropModeReplace,
                    transfer->value->bytes + transfer->sent * size(transfer->value), items);
    transfer->sent += items;
    if (items == 0) {
      transfer->value = NULL;
      say("sent");
    }
  }
}

void serve(XEvent *event, Atom selection, Value *values, int count, long increment) {
  if (event->type == PropertyNotify && event->xproperty.state == PropertyDelete) {
    proceed(&event->xproperty, increment);
    return;
  }
  if (event->type != SelectionRequest || event->xselectionrequest.selection != selection) return;
  XSelectionRequestEvent *request = &event->xselectionrequest;
  XEvent reply = {.xselection = {.type = SelectionNotify, .requestor = request->requestor,
                                 .selection = selection, .target = request->target, .time = request->time}};
  char *name = XGetAtomName(display, request->target);
  say("asked %s", name);
  XFree(name);
  if (request->target == atom("TARGETS")) {
    Atom targets[300];
    for (int i = 0; i < count; i++) targets[i] = values[i].target;
    XChangeProperty(display, request->requestor, request->property, XA_ATOM, 32, PropModeReplace,
                    (unsigned char *)targets, count);
    reply.xselection.property = request->property;
  }
  for (int i = 0; i < count; i++) {
    if (values[i].target != request->target) continue;
    put(request->requestor, request->property, &values[i], increment);
    reply.xselection.property = request->property;
  }
  XSendEvent(display, request->requestor, False, NoEventMask, &reply);
}

static Value text(const char *target, const char *type, const char *bytes) {
  return (Value){atom(target), atom(type), 8, strlen(bytes), (unsigned char *)bytes};
}

/// Values with types and formats other than text has.
static int typed(Value *values) {
  static long longs[] = {1, -2, 0x7FFFFFFF, 4};
  static short shorts[] = {7, -8, 9};
  values[0] = text("text/html", "text/html", "<b>bold</b>");
  values[1] = (Value){atom("RIG_LONGS"), XA_CARDINAL, 32, 4, (unsigned char *)longs};
  values[2] = (Value){atom("RIG_SHORTS"), atom("RIG_TYPE"), 16, 3, (unsigned char *)shorts};
  values[3] = (Value){atom("RIG_EMPTY"), XA_STRING, 8, 0, (unsigned char *)""};
  values[4] = text("UTF8_STRING", "UTF8_STRING", "bold");
  return 5;
}

int own(int count, char **arguments) {
  Atom selection = atom(arguments[0]);
  const char *kind = arguments[1];
  long number = count > 2 ? atol(arguments[2]) : 0;
  Value values[300];
  int value_count = 1;
  if (!strcmp(kind, "typed")) {
    value_count = typed(values);
  } else if (!strcmp(kind, "secret")) {
    values[0] = text("UTF8_STRING", "UTF8_STRING", "hunter2");
    values[1] = text("x-kde-passwordManagerHint", "x-kde-passwordManagerHint", "secret");
    value_count = 2;
  } else if (!strcmp(kind, "many")) {
    value_count = 300;
    for (int i = 0; i < value_count; i++) {
      char name[32];
      snprintf(name, sizeof name, "RIG_%d", i);
      values[i] = text(name, "STRING", "x");
    }
  } else if (number) {
    values[0] = (Value){atom("UTF8_STRING"), atom("UTF8_STRING"), 8, number, malloc(number)};
    for (long i = 0; i < number; i++) values[0].bytes[i] = 'a' + i * 7 % 26;
  } else {
    values[0] = text("UTF8_STRING", "UTF8_STRING", "theirs");
  }
  Time time = server_time();
  if (!strcmp(kind, "stamped")) {
    // The copy was asked for at this time, and is made only when a line is read.
    say("stamped");
    getchar();
  }
  XSetSelectionOwner(display, selection, window, time);
  if (XGetSelectionOwner(display, selection) != window) return 1;
  say("owns");
  for (XEvent event;;) {
    XNextEvent(display, &event);
    if (event.type == SelectionClear) say("lost");
    if (!strcmp(kind, "silent")) continue;
    serve(&event, selection, values, value_count, 64 * 1024);
  }
}
