// toml++ behind a C face: C++ interoperability cannot be linked statically with Swift's library.
#ifndef CTOML_H
#define CTOML_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct toml_document toml_document;

typedef enum { TOML_STRING, TOML_INTEGER, TOML_FLOAT, TOML_BOOLEAN, TOML_TABLE, TOML_OTHER } toml_kind;

/// One node of a document, in the order of the file's tables.
/// Lines and columns count from 1; columns count Unicode scalars; the end is one behind the last.
typedef struct {
  /// Keys and array indices from the root, joined with dots: `engine.0.url`.
  const char *path;
  toml_kind kind;
  /// The value as text; a string without its quotes. Empty for tables.
  const char *text;
  uint32_t line, column, end_line, end_column;
} toml_entry;

typedef struct {
  char message[256];
  uint32_t line, column;
} toml_failure;

/// Parses UTF-8 `text` of `length` bytes. NULL when it is no TOML, and why in `failure`.
toml_document *toml_parse(const char *text, size_t length, toml_failure *failure);
size_t toml_count(const toml_document *document);
/// The entry at `index`; its strings live as long as the document.
toml_entry toml_at(const toml_document *document, size_t index);
void toml_free(toml_document *document);

#ifdef __cplusplus
}
#endif

#endif
