if ! command -v zsh >found; then
    echo "zsh is not there" >&2
    exit 77
fi
# compdef and compadd are replaced by recorders: what the widget would offer is printed.
gyre completion zsh >completion
cat >ask <<'END'
compdef() { print "compdef $*" }
compadd() { shift; print "options: $*" }
_describe() { print "verbs:"; print -l ${(P)2} | grep '^comp' }
_files() { print "files" }
. ./completion
words=(gyre comp) CURRENT=2 _gyre
words=(gyre id --) CURRENT=3 _gyre
words=(gyre id x) CURRENT=3 _gyre
END
zsh -f ask
