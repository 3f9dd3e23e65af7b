# Every row of the table is in the help, under a heading, with a summary.
gyre help >all
sed -n 's/^COMMAND(\(.*\))$/\1/p' "$GYRE_SOURCE/src/cli/commands.def" | while read -r name; do
    grep -q "^  $name  *[a-z]" all || echo "no $name in gyre help"
    gyre help "$name" >one
    gyre "$name" --help | cmp - one
    grep -q "^usage: gyre $name" one || echo "no usage of $name"
done
gyre --help | cmp - all
gyre | cmp - all
gyre -h | cmp - all
