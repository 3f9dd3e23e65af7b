# --twice names every output whose bytes differ, and says no.
stages <<'Y'
stages:
  fixed: {cmd: echo 1 > same, outs: [same]}
  drawn: {cmd: "head -c 8 /dev/urandom > bytes; echo > empty", outs: [bytes, empty]}
Y
gyre run --twice -q | sed 's/in [0-9.]* s/in N s/'
exit ${PIPESTATUS[0]}
