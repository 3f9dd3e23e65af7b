# The gyre.yaml that the help of run and of gate shows is one that they take.
gyre init -q >/dev/null
show() { gyre "$1" --help | sed -n '/^gyre.yaml:$/,$p' | sed -e 1d -e 's/^  //'; }
{ show run; show gate; } >gyre.yaml
echo 'train: {epochs: 1}' >params.yaml
gyre run --dry-run
echo '{"accuracy": 0.9}' >metrics.json
gyre gate enough
gyre manual run | grep -c 'deps: \[train.py'
echo 'id,label,prediction' >predictions.csv
git -c user.name=n -c user.email=e commit -q --allow-empty -m 1
git -c user.name=n -c user.email=e commit -q --allow-empty -m 2
gyre gate better || echo "status $?"
