# A project with two versions of a folder of files and of a table that names them, and a model of
# each version.
project() {
    git init -q -b main
    gyre init > /dev/null
    mkdir images
    for i in 1 2 3 4; do echo "picture $i" > images/$i.txt; done
    printf 'path,label\nimages/1.txt,coat\nimages/2.txt,shirt\nimages/3.txt,bag\n' > labels.csv
    printf 'x,y\n1.5,a\n2.50,b\n' > rows.csv
    cat > gyre.yaml <<'Y'
stages:
  prepare: {cmd: cp labels.csv ready, deps: [labels.csv, images], outs: [ready]}
  train:
    cmd: cat ready > model.onnx; echo ${epochs} >> model.onnx
    deps: [ready, train.sh]
    params: [epochs, seed]
    outs: [model.onnx]
  evaluate:
    cmd: "sh evaluate.sh"
    deps: [model.onnx, evaluate.sh]
    outs: [predictions.csv: {type: predictions}]
    metrics: [metrics.json]
Y
    printf 'epochs: 3\nseed: 7\n' > params.yaml
    echo '# trains' > train.sh
    cat > evaluate.sh <<'S'
echo '{"accuracy": 0.5}' > metrics.json
echo id,label,prediction > predictions.csv
echo $(sha256sum < images/1.txt | cut -c 1-64),coat,shirt >> predictions.csv
S
    printf 'ready\nmodel.onnx\npredictions.csv\n' > .gitignore
    gyre add -q images labels.csv rows.csv > /dev/null
    git add -A
    git commit -qm 'version 1'
    gyre run -q > /dev/null
    git add -A
    git commit -qm 'model 1'
    sed -i 's/1.txt,coat/1.txt,shirt/' labels.csv
    rm images/4.txt
    gyre add -q images labels.csv > /dev/null
    git commit -qam 'version 2'
    gyre run -q > /dev/null
}
plain() { sed -E 's/[0-9]{8}T[0-9]{6}Z-[0-9a-f]{16}/RUN/g; s/20[0-9]{2}-[0-9-]* [0-9:]* UTC/TIME/g; s/[0-9.]+ s$/N s/; s/(commit) [0-9a-f]{10}/\1 COMMIT/g'; }
