gyre help -x x
