# A gate that cannot be judged does not hide what the others say; every number in the message is
# counted.
rm -r .gyre
gyre init > /dev/null
stages <<'Y'
stages:
  evaluate:
    cmd: "printf '{\"error\": 30, \"worse\": 40}' > metrics.json"
    metrics: [metrics.json]
gates:
  missing: {metric: accuracy, predictions: predictions.csv, than: HEAD}
  low: {metric: error, max: 20}
  lower: {metric: worse, max: 20}
  fine: {metric: error, min: 20}
Y
gyre run -q > /dev/null
gyre gate || echo "status $?"
gyre gate low lower fine || echo "status $?"
gyre gate fine missing --json || echo "status $?"
gyre gate low fine --json || echo "status $?"
gyre gate nope || echo "status $?"
gyre why fine | head -n 1
