git init -q .
gyre init >/dev/null
stages() { cat > gyre.yaml; }
