# A folder becomes a project, or can be made one by the same words again.
prepare() { git init -q; }
act() { gyre init >/dev/null; }
verify() { gyre init >/dev/null; gyre status >/dev/null; }
