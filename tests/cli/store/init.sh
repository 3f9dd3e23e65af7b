gyre init
gyre init
gyre init --json
cat .gyre/config .gyre/.gitignore
mkdir below
gyre init below
