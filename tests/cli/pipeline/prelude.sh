git init -q .
mkdir .gyre # a project; gyre init does more, but these tests keep no data
stages() { cat > gyre.yaml; }
