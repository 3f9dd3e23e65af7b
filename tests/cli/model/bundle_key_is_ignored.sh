# In a project git does not take the secret key along; the public one it may. Elsewhere nothing but the keys is made.
git init -q
gyre init >/dev/null
mkdir keys
gyre bundle --new-key release.key
gyre bundle --new-key keys/other.key
git add -A
git ls-files
mkdir "$HOME/elsewhere"
gyre bundle --new-key "$HOME/elsewhere/third.key" | sed "s|$HOME|HOME|g"
ls -A "$HOME/elsewhere"
