# Metrics files that gyre.yaml names beside its stages, in both of DVC's forms; anything else is refused.
echo '{"a": 1}' >one.json
echo '{"b": 2}' >two.json
printf 'metrics:\n- one.json\n- two.json: {cache: false}\nstages: {}\n' >gyre.yaml
gyre metrics
printf 'metrics: {one.json: 1}\nstages: {}\n' >gyre.yaml
gyre metrics || echo "exit $?"
printf 'metrics: [3]\nstages: {}\n' >gyre.yaml
gyre metrics || echo "exit $?"
