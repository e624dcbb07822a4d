// Owners, readers and managers of X selections that behave in ways that no well-kept program does on demand.
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <X11/extensions/Xfixes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  Atom target, type;
  int format;
  long count;  // items
  unsigned char *bytes;  // in libX11's layout
} Value;

extern Display *display;
extern Window window;

Atom atom(const char *name);
Time server_time(void);
void say(const char *format, ...);

/// Serves `values` as the owner of `selection` for `event`. With `sized`, values go in increments of that many bytes.
void serve(XEvent *event, Atom selection, Value *values, int count, long increment);

/// Asks for one target and waits: 0 when it was refused. Reads increments. `at` is the requestor's window.
int get(Window at, Atom selection, Atom target, Time time, Value *result);

int own(int count, char **arguments);
int ask(int count, char **arguments);
int manage(void);
