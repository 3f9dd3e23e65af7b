# The page tells the verdict on the model that is there, not the newest one on another.
rm -r .gyre
gyre init > /dev/null
cat > score.sh <<'P'
for i in 1 2 3 4 5 6 7 8 9; do
    [ $i -le $1 ] && said=cat || said=dog
    echo "$(printf %064d $i),cat,$said"
done
P
stages <<'Y'
stages:
  evaluate:
    cmd: "(echo id,label,prediction; sh score.sh ${right}) > predictions.csv; printf '{\"right\": %d}' ${right} > metrics.json"
    outs: [predictions.csv]
    metrics: [metrics.json]
gates:
  better: {metric: accuracy, predictions: predictions.csv, than: first.csv, margin: -0.1}
  enough: {metric: right, min: 7}
  later: {metric: right, min: 2}
Y
echo .gyre > .gitignore
(echo id,label,prediction; sh score.sh 8) > first.csv
says() { # gates and their verdicts on the page
    gyre report -o page.html > /dev/null
    sed -n 's/.*<b class="\(good\|bad\|soft\)">\([^<]*\)<\/b> <b>\([^<]*\)<.*/\3: \2/p' page.html
}
echo 'right: 9' > params.yaml
gyre run -q > /dev/null
echo -- no verdict yet
says
gyre gate better enough > /dev/null
echo -- good
says
git add -A && git commit -qm good
echo 'right: 3' > params.yaml
gyre run -q > /dev/null
echo -- worse, not judged
says
gyre gate > /dev/null 2>&1 && exit 1
echo -- worse
says
git add -A && git commit -qm worse
git reset -q --hard HEAD~1
gyre run -q > /dev/null
echo -- good again
says
