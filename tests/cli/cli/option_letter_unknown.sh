gyre id -x x
