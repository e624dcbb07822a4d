# A line editor, as a shell has one: writes each line that was entered to FILE. Usage: lineeditor.sh FILE [START]
# The line begins with START.
: >"$1"
while IFS= read -r -e -i "${2:-}" line; do
  printf '%s' "$line" >"$1.part" && mv "$1.part" "$1"
done
