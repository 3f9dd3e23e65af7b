# A better model passes, a worse one does not; the interval is in the message, the verdict in the
# ledger; the older predictions are found though git has only their id.
predict() { # wrong ones of 500: a share of the ids, the same for everyone
    python3 - "$1" <<'P'
import csv, hashlib, sys
rows = [(hashlib.sha256(str(i).encode()).hexdigest(), str(i % 7)) for i in range(500)]
out = csv.writer(open("predictions.csv", "w"), lineterminator="\n")
out.writerow(["id", "label", "prediction"])
out.writerows([i, l, l if int(i[:4], 16) % 100 >= int(sys.argv[1]) else "wrong"] for i, l in rows)
P
}
stages <<'Y'
stages:
  evaluate:
    cmd: "predict ${wrong}; printf '{\"error\": %d}' ${wrong} > metrics.json"
    outs: [predictions.csv]
    metrics: [metrics.json]
gates:
  better: {metric: accuracy, predictions: predictions.csv, than: HEAD}
  cheaper: {metric: cost, predictions: predictions.csv, than: HEAD, unit: EUR, margin: 0.2, costs: {1: {wrong: 10}}}
  low: {metric: error, max: 20}
Y
declare -f predict > predict.sh
sed -i 's/cmd: "predict/cmd: ". .\/predict.sh; predict/' gyre.yaml
echo predictions.csv > .gitignore
echo .gyre >> .gitignore
echo 'wrong: 30' > params.yaml
gyre run -q > /dev/null
git add -A && git commit -qm one
echo 'wrong: 10' > params.yaml
gyre run -q > /dev/null
gyre metrics diff
gyre gate
gyre gate better --json
git commit -qam two
echo 'wrong: 12' > params.yaml
gyre run -q > /dev/null
gyre gate better && exit 1
gyre gate low
echo 'wrong: 10' > params.yaml
gyre run
gyre metrics --json
gyre gate nonesuch
