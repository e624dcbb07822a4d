#include "CTOML.h"

#include <toml++/toml.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

struct node_record {
  std::string path, text;
  toml_kind kind;
  toml::source_region region;
};

struct toml_document {
  std::vector<node_record> nodes;
};

static toml_kind kind_of(const toml::node &node) {
  if (node.is_string()) return TOML_STRING;
  if (node.is_integer()) return TOML_INTEGER;
  if (node.is_floating_point()) return TOML_FLOAT;
  if (node.is_boolean()) return TOML_BOOLEAN;
  if (node.is_table()) return TOML_TABLE;
  return TOML_OTHER;
}

static std::string text_of(const toml::node &node) {
  if (auto string = node.as_string()) return string->get();
  if (node.is_table() || node.is_array()) return {};
  std::ostringstream stream;
  node.visit([&](const auto &value) {
    if constexpr (toml::is_value<decltype(value)>) stream << value;
  });
  return stream.str();
}

static void collect(const toml::node &node, const std::string &path, std::vector<node_record> &nodes) {
  if (!path.empty()) nodes.push_back({path, text_of(node), kind_of(node), node.source()});
  auto child = [&](const std::string &key) { return path.empty() ? key : path + "." + key; };
  if (auto table = node.as_table()) {
    for (auto &&[key, value] : *table) collect(value, child(std::string(key.str())), nodes);
  } else if (auto array = node.as_array()) {
    size_t index = 0;
    for (auto &&value : *array) collect(value, child(std::to_string(index++)), nodes);
  }
}

toml_document *toml_parse(const char *text, size_t length, toml_failure *failure) {
  try {
    auto table = toml::parse(std::string_view(text, length));
    auto document = new toml_document;
    collect(table, "", document->nodes);
    return document;
  } catch (const toml::parse_error &error) {
    std::snprintf(failure->message, sizeof failure->message, "%s", std::string(error.description()).c_str());
    failure->line = error.source().begin.line;
    failure->column = error.source().begin.column;
    return nullptr;
  }
}

size_t toml_count(const toml_document *document) { return document->nodes.size(); }

toml_entry toml_at(const toml_document *document, size_t index) {
  const auto &node = document->nodes[index];
  return {node.path.c_str(),         node.kind,
          node.text.c_str(),         node.region.begin.line,
          node.region.begin.column,  node.region.end.line,
          node.region.end.column};
}

void toml_free(toml_document *document) { delete document; }
