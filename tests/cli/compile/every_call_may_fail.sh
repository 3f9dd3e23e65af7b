# The n-th allocation or I/O call fails, for every n: a clean error, and the folder is whole or not there.
ways() { # ways KIND
    n=0
    while [ $n -lt 300 ]; do
        n=$((n + 1))
        rm -rf net
        if GYRE_FAULT=$1:$n gyre compile "$models/mlp.onnx" -o net --target generic >out.txt 2>err.txt; then
            test -f net/mlp.c && test -f net/mlp.h && test -f net/mlp_weights.bin && test -f net/gyre_abi.h
        else
            code=$?
            test $code -ge 4 && test $code -le 8 || { echo "$1:$n ended with $code"; cat err.txt; }
            grep -q '^gyre compile: ' err.txt || { echo "$1:$n says nothing"; cat err.txt; }
            test ! -e net || { echo "$1:$n left a folder"; ls net; }
        fi
        rm -rf net out.txt err.txt
        test -z "$(ls -A)" || { echo "$1:$n left $(ls -A)"; rm -rf ./* ./.[a-z]*; }
    done
    echo "$1 done"
}
ways memory
ways io
ways nospace
