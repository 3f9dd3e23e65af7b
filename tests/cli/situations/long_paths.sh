# Paths over what the system takes: told, by every command.
project
name=$(printf '%0250d' 1)
deep=
for i in $(seq 20); do deep=$deep$name/; done
for words in "id $deep" "id --rows $deep.csv" "add $deep" "audit $deep.csv" "check $deep.csv" "profile $deep.csv" "inspect $deep" \
    "compile $GYRE_SOURCE/tests/data/models/scale.onnx -t generic -o $deep" "schema labels.csv -o $deep" "report -o $deep" \
    "bundle --new-key $deep" "bundle --verify $deep --trust labels.csv" "why $deep" "show $deep" "init $deep" "checkout $deep" \
    "infer $deep -i $deep -o $deep" "clean labels.csv --from $deep -o $deep" "-C $deep status"; do
    status=0
    gyre $words >said 2>&1 || status=$?
    echo "${words%% *} $status $(wc -l <said) $(tail -c 90 said | sed 's/000*/0../g')"
done
# In a table they are rows without a file.
printf 'path,label\n%s,a\nimages/1.txt,b\n' "$deep" >long.csv
gyre schema labels.csv -o long.contract.yaml
gyre id --rows long.csv | cut -c 1-16
# A dataset deeper than one call can name is stored and comes back.
(for i in $(seq 20); do mkdir "$name" && cd "$name"; done && echo x >f)
try gyre add 0* 2>&1 | sed 's/000*/0../g; s/0\.\.1\///g'
