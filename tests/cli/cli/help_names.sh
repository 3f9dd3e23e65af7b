gyre help --names >names
sed -n 's/^COMMAND(\(.*\))$/\1/p' "$GYRE_SOURCE/src/cli/commands.def" | diff - names
gyre help --json | sed 's/^{"name":"\([^"]*\)".*/\1/' | diff - names
gyre help --json help
