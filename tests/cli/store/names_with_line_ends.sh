# A name with a line's end in it is one line of .gitignore, and ignores that file and no other.
git init -q
gyre init >/dev/null
name=$'new\nline.csv'
printf 'a\n1\n' >"$name"
printf 'a\n1\n' >$'end\r'
echo mine >new
gyre add -q -- "$name" $'end\r' >/dev/null
cat .gitignore
git status --porcelain
