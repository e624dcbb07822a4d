#ifndef CTOML_H
#define CTOML_H
#include <stdint.h>
#endif
