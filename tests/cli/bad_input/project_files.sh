# gyre.yaml, params, lock and contract that are broken, nested too deep, or expand without end.
git init -q
mkdir .gyre
printf 'stages:\n  a: {cmd: "echo 1 >o", outs: [o], params: [p]}\n' >good.yaml
deep=$(head -c 20000 /dev/zero | tr '\0' '[')
bomb='a: &a [1,1,1,1,1,1,1,1,1]'
for pair in ba cb dc ed fe gf hg ih; do
    to=${pair:0:1} from=${pair:1:1}
    bomb+=$'\n'"$to: &$to [*$from,*$from,*$from,*$from,*$from,*$from,*$from,*$from,*$from]"
done
for text in '' 'stages: 1' 'stages: [a' $'stages:\n\ta: 1' 'stages: {a: {}}' 'stages: {a: {cmd: x, what: 1}}' \
    'stages: {a: {cmd: x, outs: [../o]}}' 'stages: {a: {cmd: x, outs: [/o]}}' \
    'stages: {a: {cmd: x}, a: {cmd: y}}' 'stages: *nothing' "stages: $deep" "$bomb" $'\xff\xfes'; do
    printf '%s' "$text" >gyre.yaml
    echo "=== ${text:0:60}"
    refuse run
done
cp good.yaml gyre.yaml
for text in 'p: [' "p: $deep" "$bomb"; do
    printf '%s' "$text" >params.yaml
    echo "=== params ${text:0:60}"
    refuse run
done
echo 'p: 1' >params.yaml
for text in 'format: 99' 'stages: [' 'stages: 7'; do
    printf '%s' "$text" >gyre.lock
    echo "=== lock $text"
    refuse run
done
rm gyre.lock params.yaml
printf 'a,label\n1,x\n' >t.csv
for text in '' 'schema: 1' "schema: $deep" "$bomb" 'version: 99.0.0'; do
    printf '%s' "$text" >t.contract.yaml
    echo "=== contract ${text:0:60}"
    refuse check t.csv
done
