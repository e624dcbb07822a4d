#include <openssl/crypto.h>
#include <openssl/evp.h>

// Macros that Swift does not see.
static const uint64_t thoth_init_no_atexit = OPENSSL_INIT_NO_ATEXIT;
