gyre completion bash --json || echo "exit $?"
gyre manual check --json || echo "exit $?"
gyre help check --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["name"])'
