// A clipboard manager: reads everything as soon as the clipboard changes hands, and keeps what a program leaves to it.
#include "selections.h"

static Value kept[300];
static int kept_count;

/// Reads `targets`, or all that are offered.
static void take(const Atom *targets, long count, const char *verb) {
  Value list;
  if (!targets) {
    if (!get(window, atom("CLIPBOARD"), atom("TARGETS"), CurrentTime, &list)) return;
    targets = (Atom *)list.bytes;
    count = list.count;
  }
  kept_count = 0;
  for (long i = 0; i < count && i < 300; i++) {
    char *name = XGetAtomName(display, targets[i]);
    if (strcmp(name, "TARGETS") && strcmp(name, "MULTIPLE") && strcmp(name, "TIMESTAMP") &&
        strcmp(name, "SAVE_TARGETS") && get(window, atom("CLIPBOARD"), targets[i], CurrentTime, &kept[kept_count]))
      say("%s %s %ld", verb, name, kept[kept_count++].count);
    XFree(name);
  }
  say("%s all", verb);
}

static void save(XSelectionRequestEvent *request) {
  XEvent reply = {.xselection = {.type = SelectionNotify, .requestor = request->requestor,
                                 .selection = request->selection, .target = request->target,
                                 .property = request->property, .time = request->time}};
  Atom type;
  int format;
  unsigned long count, rest;
  unsigned char *list = NULL;
  XGetWindowProperty(display, request->requestor, request->property, 0, 1024, False, XA_ATOM, &type, &format, &count,
                     &rest, &list);
  take(type == XA_ATOM ? (Atom *)list : NULL, count, "saved");
  XChangeProperty(display, request->requestor, request->property, atom("NULL"), 32, PropModeReplace, NULL, 0);
  XSendEvent(display, request->requestor, False, NoEventMask, &reply);
}

int manage(void) {
  int first, error, isSaved = 0;
  XFixesQueryExtension(display, &first, &error);
  XSetSelectionOwner(display, atom("CLIPBOARD_MANAGER"), window, server_time());
  XFixesSelectSelectionInput(display, window, atom("CLIPBOARD"),
                             XFixesSetSelectionOwnerNotifyMask | XFixesSelectionClientCloseNotifyMask);
  say("manages");
  for (XEvent event;;) {
    XNextEvent(display, &event);
    if (event.type == first + XFixesSelectionNotify) {
      XFixesSelectionNotifyEvent *change = (XFixesSelectionNotifyEvent *)&event;
      if (change->owner == window) continue;
      if (change->owner != None) {
        take(NULL, 0, "read");
      } else if (isSaved) {
        XSetSelectionOwner(display, atom("CLIPBOARD"), window, server_time());
        say("owns");
      }
    } else if (event.type == SelectionRequest && event.xselectionrequest.target == atom("SAVE_TARGETS")) {
      save(&event.xselectionrequest);
      isSaved = 1;
    } else {
      serve(&event, atom("CLIPBOARD"), kept, kept_count, 64 * 1024);
    }
  }
}
