// libpulse, loaded when it is first needed: linked, it would cost every start of the daemon 4 ms and 3.5 MB.
#ifndef CPULSE_H
#define CPULSE_H

#include <pulse/context.h>
#include <pulse/introspect.h>
#include <pulse/mainloop.h>
#include <pulse/operation.h>
#include <pulse/proplist.h>

/// The functions of libpulse that thoth calls, each with the signature that libpulse's headers give it.
struct pulse_library {
  __typeof__(&pa_mainloop_new) mainloop_new;
  __typeof__(&pa_mainloop_free) mainloop_free;
  __typeof__(&pa_mainloop_get_api) mainloop_get_api;
  __typeof__(&pa_mainloop_prepare) mainloop_prepare;
  __typeof__(&pa_mainloop_poll) mainloop_poll;
  __typeof__(&pa_mainloop_dispatch) mainloop_dispatch;
  __typeof__(&pa_context_new) context_new;
  __typeof__(&pa_context_connect) context_connect;
  __typeof__(&pa_context_disconnect) context_disconnect;
  __typeof__(&pa_context_get_state) context_get_state;
  __typeof__(&pa_context_get_server_info) context_get_server_info;
  __typeof__(&pa_context_get_source_info_list) context_get_source_info_list;
  __typeof__(&pa_context_unref) context_unref;
  __typeof__(&pa_operation_get_state) operation_get_state;
  __typeof__(&pa_operation_unref) operation_unref;
  __typeof__(&pa_proplist_gets) proplist_gets;
};

/// The functions, or NULL when libpulse is not installed. The first call loads it; it is never unloaded. Call it
/// from one thread at a time.
const struct pulse_library *pulse_load(void);

#endif
