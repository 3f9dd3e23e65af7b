stages <<'Y'
stages:
  a:
    foreach: [1, 2]
    do: {cmd: echo}
Y
gyre run
