# Long fields, huge numbers, no numbers, a BOM with CRLF: read, and the ids do not depend on the form.
printf 'a,label\n1,x\n2,y\n' >plain.csv
printf '\xef\xbb\xbfa,label\r\n1,x\r\n2,y\r\n' >bom.csv
gyre id --rows plain.csv >plain
gyre id --rows bom.csv | cmp - plain
{
    printf 'a,label\n'
    printf '%0100000d,x\n' 7
    printf '99999999999999999999999999,y\nnan,x\n-inf,y\n1e999,x\n,y\n'
} >big.csv
test "$(gyre id --rows big.csv | grep -c '^[0-9a-f]\{64\}$')" = 6
gyre profile big.csv
gyre schema big.csv -o big.contract.yaml
try check big.csv
gyre audit big.csv
