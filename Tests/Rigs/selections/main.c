// Usage: selections own SELECTION KIND [NUMBER] | ask KIND | manage
#include "selections.h"
#include <stdarg.h>

Display *display;
Window window;

Atom atom(const char *name) { return XInternAtom(display, name, False); }

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  fflush(stdout);
}

Time server_time(void) {
  XEvent event;
  XChangeProperty(display, window, atom("RIG_TIME"), XA_INTEGER, 8, PropModeAppend, NULL, 0);
  do XWindowEvent(display, window, PropertyChangeMask, &event);
  while (event.xproperty.atom != atom("RIG_TIME"));
  return event.xproperty.time;
}

static int ignore(Display *display, XErrorEvent *event) { return 0; }

int main(int count, char **arguments) {
  display = XOpenDisplay(NULL);
  if (!display || count < 2) return 2;
  window = XCreateSimpleWindow(display, DefaultRootWindow(display), 0, 0, 1, 1, 0, 0, 0);
  XSelectInput(display, window, PropertyChangeMask);
  // An owner that is asked by a window that is gone ends with an error, as many programs do.
  if (!strcmp(arguments[1], "own")) return own(count - 2, arguments + 2);
  XSetErrorHandler(ignore);
  if (!strcmp(arguments[1], "ask")) return ask(count - 2, arguments + 2);
  return manage();
}
