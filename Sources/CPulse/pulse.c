#include "CPulse.h"

#include <dlfcn.h>
#include <stdbool.h>

// Finds one function; false when this libpulse has none of that name.
static bool find(void *library, const char *name, void *target) {
  *(void **)target = dlsym(library, name);
  return *(void **)target != NULL;
}

#define FIND(name) find(library, "pa_" #name, &found.name)

const struct pulse_library *pulse_load(void) {
  static struct pulse_library found;
  static bool is_complete;
  if (is_complete) return &found;
  void *library = dlopen("libpulse.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return NULL;
  is_complete = FIND(mainloop_new) && FIND(mainloop_free) && FIND(mainloop_get_api) && FIND(mainloop_prepare)
    && FIND(mainloop_poll) && FIND(mainloop_dispatch) && FIND(context_new) && FIND(context_connect)
    && FIND(context_disconnect) && FIND(context_get_state) && FIND(context_get_server_info)
    && FIND(context_get_source_info_list) && FIND(context_unref) && FIND(operation_get_state)
    && FIND(operation_unref) && FIND(proplist_gets);
  return is_complete ? &found : NULL;
}
