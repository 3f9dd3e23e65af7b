# A list of commands, and a command of several lines: each is shown on a line of its own.
stages <<'Y'
stages:
  list:
    cmd: [echo one > a, echo two >> a]
    outs: [a]
  block:
    cmd: |
      for i in 1 2; do
        echo $i
      done > b
    outs: [b]
Y
gyre run | sed 's/[0-9.]* s$/N s/'
gyre why a | grep command
