# Whoever wants the lock waits for who holds it; who was killed holds none.
project
flock -o .gyre/lock sh -c 'sleep 1; echo gone >"$TMPDIR"/holder' &
while flock -n .gyre/lock true; do :; done
gyre add images >/dev/null
cat "$TMPDIR"/holder
wait
flock -o .gyre/lock sleep 99 &
holder=$!
while flock -n .gyre/lock true; do :; done
{ kill -9 $holder && wait $holder; } 2>/dev/null || :
gyre add labels.csv >/dev/null
gyre checkout
gyre gc >/dev/null
gyre verify
