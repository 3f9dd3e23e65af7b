# Names with spaces, quotes, newlines, bytes that are no UTF-8, 255 bytes: stored and brought back.
mkdir "it's \"a\" project" && cd "it's \"a\" project"
git init -q && gyre init >/dev/null
mkdir -p 'd/a b'
long=$(printf '%0255d' 0)
for name in 'a b' "q'\"" $'new\nline' $'\xff\xfe' '-n' '*' "$long" 'gyre.yaml' '..x'; do
    printf '%s' "$name" >"d/a b/$name" || exit 1
done
: >d/nothing
(cd d && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) >"$TMPDIR"/before
gyre add d 2>&1 | sed 's/[0-9.]* [kM]*B.*//'
rm -r d
gyre checkout >/dev/null
(cd d && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | cmp - "$TMPDIR"/before
gyre verify
