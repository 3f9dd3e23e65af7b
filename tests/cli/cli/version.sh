gyre --version | grep -E "^gyre [0-9]+\.[0-9]+\.[0-9]+$" >/dev/null
gyre --version | wc -l
